import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { countUnfinished } from '../cni/attachments/count-unfinished.js';
import { findDifferences } from '../cni/conflist/fields.js';
import type { FolderDraft } from '../cni/folder/draft.js';
import type { Config } from '../config/schema.js';
import { findHindrance } from '../host/files/folder-use.js';
import { readMachine } from '../host/machine.js';
import { batchLimits, GroupCommit } from '../locks/group-commit.js';
import { Attaching } from '../network/attachments/attaching.js';
import type { Want } from '../network/dependencies/draft.js';
import type { Repair } from '../network/dependencies/runtime.js';
import { Readiness } from '../network/readiness.js';
import { buildNetworkService, type NetworkService } from '../network/service.js';
import { buildApp } from '../server/app.js';
import { buildParts } from './parts.js';

export interface Daemon {
  readonly app: FastifyInstance;
  /** The operations that the app serves, in terms of no dialect. */
  readonly service: NetworkService;
  /** Clears files that a crash left in the folder; no request waits for it. */
  clearLeftovers(): Promise<void>;
  /** Ends streams and watches, which do not end by themselves. */
  endStreams(): void;
  close(): void;
}

/**
 * Puts a writer, a service and an app on the parts; nothing runs before the first request.
 *
 * @param socketProblem why clients do not find the socket
 */
export function wire(config: Config, log: Logger, socketProblem: () => string | undefined = () => undefined): Daemon {
  const parts = buildParts(config, log);
  const { settings, files, reader, events, attachments, namespaces, plugins, runtime } = parts;
  const writer = new GroupCommit<FolderDraft, Want>(
    parts.lane,
    async (held, wanted) => await reader.begin(held, wanted, parts.host),
    { timeoutMs: config.lockTimeoutMs, ...batchLimits },
  );
  const report = (repairs: readonly Repair[]) => {
    for (const { error, ...work } of repairs) {
      if (error === undefined) log.warn(work, 'ended what a dead process had begun');
      else log.error({ err: error, ...work }, 'what a dead process had begun cannot be ended');
    }
  };
  const attaching = new Attaching({
    reader,
    writer,
    runtime,
    namespaces,
    attachments,
    emit: (event) => events.emit(event),
    report,
  });
  const service = buildNetworkService({
    reader,
    writer,
    findDifferences,
    plugins,
    attachments: { look: async () => countUnfinished(await attachments.look(), runtime.unfinished()) },
    attaching,
    events,
    settings,
  });
  return {
    app: buildApp(
      service,
      () => readMachine(config.identity.rootless),
      new Readiness({
        reader,
        writer,
        plugins,
        hindrance: () => findHindrance(config.cniConfigDir)?.reason,
        socketProblem,
      }),
      log,
    ),
    service,
    async clearLeftovers() {
      report(await runtime.repair(() => true, { patient: true }));
      if (files.listLeftovers(config.cniConfigDir).length === 0) return;
      // Every batch clears them.
      await writer.run(() => () => undefined);
    },
    endStreams: () => events.close(),
    close: () => parts.close(),
  };
}
