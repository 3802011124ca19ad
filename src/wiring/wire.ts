import path from 'node:path';
import type { Logger } from 'pino';
import { countUnfinished } from '../cni/attachments/count-unfinished.js';
import { findDifferences } from '../cni/conflist/fields.js';
import type { FolderBatch } from '../cni/folder/batch.js';
import { FolderPreview } from '../cni/folder/preview.js';
import type { Config } from '../config/config.js';
import { findHindrance } from '../host/files/folder-use.js';
import { readMachine } from '../host/machine.js';
import { podnetdCommit, podnetdVersion } from '../api/handshake/versions.js';
import { readProcessFigures } from '../host/own-process/process-figures.js';
import { batchLimits, GroupCommit } from '../locks/group-commit.js';
import { bounds } from '../model/bounds.js';
import { Scrape } from '../metrics/scrape.js';
import type { Finding } from '../model/finding.js';
import { SharedRuns } from '../model/shared-runs.js';
import { KeyedQueue } from '../model/keyed-queue.js';
import { showHost } from '../network/attachments/attached-host.js';
import { PortClaims } from '../network/attachments/port-claims.js';
import { buildServices, type ServiceParts } from '../network/build-services.js';
import type { AttachmentReader } from '../network/dependencies/attachments.js';
import type { Want } from '../network/dependencies/draft.js';
import type { Repair } from '../network/dependencies/runtime.js';
import { buildPlanner } from '../network/planner.js';
import { buildPools } from '../network/pools.js';
import { Problems } from '../network/problems.js';
import { Readiness } from '../network/readiness.js';
import { scopeServices } from '../network/scope/scope-services.js';
import type { Services } from '../network/services.js';
import type { Exchange } from '../server/dialect-app.js';
import { buildApp, type App } from '../server/app.js';
import { openAudit } from './open-audit.js';
import { loadMetricsPrinter } from './metrics-printer.js';
import { buildParts, type Parts } from './parts.js';
import { Reload } from './reload.js';

export interface Daemon {
  readonly config: Config;
  readonly parts: Parts;
  readonly readiness: Pick<Readiness, 'look'>;
  /** Reads the files of settings again. */
  reload(): void;
  readonly services: Services;
  readonly app: App;
  /** Why the audit file cannot be written; undefined when it can, and where there is none. */
  readonly auditFailure: () => string | undefined;
  /** Counts a request that was answered elsewhere. */
  readonly onAnswer: (exchange: Exchange) => void;
  /** Clears what a crash left, work on attachments and files of the folder; no request waits for it. */
  clearLeftovers(): Promise<void>;
  /** Clears temporary files of the folder. @throws NetworkError busy, storage */
  clearFolder(): Promise<void>;
  /** Ends streams and watches, which do not end by themselves. */
  endStreams(): void;
  close(): void;
}

/** Looks for what is wrong with a host; the code of it is loaded when it is called. */
export type Examine = (daemon: Daemon) => Promise<readonly Finding[]>;

/**
 * Puts a writer, services and an app on the parts; nothing runs before the first request.
 *
 * @param load reads the files of settings again; it may throw a ConfigError
 * @param socketProblem why clients do not find the socket
 * @param examine for the doctor's findings; without it every look fails
 */
export function wire(
  config: Config,
  log: Logger,
  load: () => Config = () => config,
  socketProblem: () => string | undefined = () => undefined,
  examine: Examine = async () => await Promise.reject(new Error('this podnetd has no doctor')),
): Daemon {
  const audit = openAudit(config, log);
  const parts = buildParts(config, log);
  const { settings, recorder, files, reader, events, attachments, namespaces, plugins, runtime } = parts;
  const host = { ...parts.host, audit };
  const writer = new GroupCommit<FolderBatch, Want>(
    parts.lane,
    async (held, wanted) => await reader.begin(held, wanted, host),
    { timeoutMs: config.lockTimeoutMs, ...batchLimits },
  );
  const report = (repairs: readonly Repair[]) => {
    for (const { error, ...work } of repairs) {
      if (error === undefined) log.warn(work, 'ended what a dead process had begun');
      else log.error({ err: error, ...work }, 'what a dead process had begun cannot be ended');
    }
  };
  const counted: AttachmentReader = {
    look: async () => countUnfinished(await attachments.look(), runtime.unfinished()),
  };
  const reload = new Reload(config, load, settings, log);
  const preview = new FolderPreview(reader, parts.host, files);
  const pools = buildPools({ preview, settings });
  const serviceParts: ServiceParts = {
    reader,
    writer,
    writerFor: (request) => ({ run: async (decide, wants) => await writer.run(decide, wants, request) }),
    preview,
    attachments: counted,
    runtime,
    host: showHost(runtime),
    namespaces,
    queue: new KeyedQueue(),
    claims: new PortClaims(),
    events,
    findDifferences,
    plugins,
    settings,
    report,
  };
  const networkServices = buildServices(serviceParts);
  const services: Services = {
    ...networkServices,
    planner: buildPlanner({ preview, plugins, settings }),
    pools,
    events,
    problems: new Problems({ reader, attachments: counted, runtime, ofSettings: () => reload.problem }),
    metrics: new Scrape({
      recorder,
      reader,
      attachments,
      runtime,
      pools,
      addresses: networkServices.addresses,
      events,
      build: { version: podnetdVersion, commit: podnetdCommit },
      readProcess: readProcessFigures,
      isPerNetwork: () => settings.metrics.perNetwork,
      loadPrinter: loadMetricsPrinter,
    }),
    within: (label) => scopeServices(serviceParts, label),
    doctor: { examine: async () => await looks.run('all', async () => await examine(daemon)) },
  };
  const looks = new SharedRuns<'all', readonly Finding[]>();
  const readiness = new Readiness({
    reader,
    writer,
    plugins,
    hindrance: () => findHindrance(config.cniConfigDir)?.reason,
    socketProblem,
  });
  const clearFolder = async () => {
    if (files.listLeftovers(config.cniConfigDir).length === 0) return;
    // Every batch clears them.
    await writer.run(() => () => undefined);
  };
  const daemon: Daemon = {
    config,
    parts,
    readiness,
    reload() {
      audit?.reopen();
      reload.run();
    },
    services,
    auditFailure: () => audit?.failure,
    onAnswer: recorder.answered,
    app: buildApp(
      services,
      () => readMachine(config.identity.rootless),
      readiness,
      log,
      undefined,
      audit,
      recorder.answered,
    ),
    async clearLeftovers() {
      report(await runtime.repair(() => true, { patient: true }));
      await clearFolder();
      await audit?.settle((fileName) => files.readText(path.join(config.cniConfigDir, fileName), bounds.fileBytes));
    },
    clearFolder,
    endStreams: () => events.close(),
    close() {
      parts.close();
      audit?.close();
    },
  };
  return daemon;
}
