#!/usr/bin/env node
import { constants } from 'node:os';
import type { Logger } from 'pino';
import { runAuditVerify } from './audit/command.js';
import { podnetdCommit, podnetdVersion } from './api/handshake/versions.js';
import type { CommandName } from './commands/commands.js';
import { printSettings, printSettingsAsJson } from './commands/config.js';
import { printHelp } from './commands/help.js';
import { parseCall, type Call } from './commands/parse.js';
import { ConfigError } from './config/config-error.js';
import { readFlags } from './config/flags.js';
import { buildConfig, loadConfig, readFiles } from './config/load.js';
import type { Config } from './config/config.js';
import { EndSignals } from './host/own-process/end-signals.js';
import { runDoctor } from './doctor/command/run.js';
import { DoctorError } from './doctor/doctor-error.js';
import { examineLate } from './doctor/load.js';
import { listUnwritable } from './doctor/patient/outputs.js';
import { AddonError, loadAddonsSoon } from './host/own-process/addons.js';
import { outliveFileSizeLimit } from './host/own-process/file-size-limit.js';
import { HangUp } from './host/own-process/hang-up.js';
import { keepHeapSmallSoon } from './host/own-process/heap.js';
import { readIdentity } from './config/identity.js';
import { describeSettings } from './config/settings.js';
import { isLoopback } from './config/tcp-address.js';
import { ListenError } from './host/sockets/listen-error.js';
import { complain, print, PrintError } from './host/own-process/print.js';
import { notifyReady, notifyStopping, takeInheritedSockets } from './host/sockets/systemd.js';
import { MapError } from './map/map-error.js';
import { runMap } from './map/command/run.js';
import { listen } from './server/listen.js';
import { listenForScrapes } from './server/scrape-listener.js';
import { checkMachine, findSockets, refuseInspector } from './config/preflight.js';
import { openLog } from './wiring/log.js';
import { wire } from './wiring/wire.js';

/** Exit code for bad flags or files, and for a doctor that could not look. */
const exitUsage = 2;
const exitFailure = 1;
/** A shell reports a process that a signal ended by this plus the signal's number. */
const exitSignalled = 128;

/** Milliseconds that requests get to end after a signal to stop, besides the wait for the lock. */
const closeGraceMs = 10_000;

/** Milliseconds that the end waits for that reader. */
const logGraceMs = 1_000;

// First of all, because SIGUSR1 opens Node's inspector until then.
let endAtOnce = (_signal: NodeJS.Signals): void => undefined;
const signals = new EndSignals((signal) => {
  endAtOnce(signal);
  process.exit(exitSignalled + constants.signals[signal]);
});

const hangUp = new HangUp(() => signals.take('SIGHUP'));

/** The function of each command; it may return an exit code. */
const runs: Readonly<Record<CommandName, (call: Call) => Promise<number | void> | number | void>> = {
  serve: runServe,
  config: ({ options: given }) => {
    const { env } = process;
    const identity = readIdentity(env);
    const flags = readFlags(given);
    const files = readFiles(flags, env, identity);
    const config = buildConfig(flags, files, identity);
    const settings = describeSettings(config, { given, files, env });
    print(given.has('json') ? printSettingsAsJson(settings) : printSettings(settings));
    for (const warning of config.warnings) complain(warning);
  },
  map: async ({ options }) => await runMap(options, process.env),
  audit: ({ arguments: [, ...files] }) => {
    const { text, isWhole } = runAuditVerify(files);
    print(text);
    return isWhole ? 0 : exitFailure;
  },
  doctor: async ({ options }) => await runDoctor(options, process.env),
  help: ({ arguments: [name] }) => print(printHelp(name)),
  version: () => print(`podnetd ${podnetdVersion} (commit ${podnetdCommit}, Node ${process.version})\n`),
};

async function main(): Promise<number> {
  const call = parseCall(process.argv.slice(2));
  return (await runs[call.command](call)) ?? 0;
}

async function runServe({ options }: Call): Promise<void> {
  refuseInspector();
  outliveFileSizeLimit();
  const load = () => loadConfig(readFlags(options), process.env, readIdentity(process.env));
  const config = load();
  const { log, output } = openLog(config, process.env);
  endAtOnce = (signal) => {
    log.warn({ signal }, 'ended at once: what was in flight is cut');
    output.flush();
  };
  await serve(config, load, log, () => output.failure);
  await output.drain(logGraceMs);
}

async function serve(
  config: Config,
  load: () => Config,
  log: Logger,
  logFailure: () => string | undefined,
): Promise<void> {
  checkMachine(config, log);
  const inherited = takeInheritedSockets(process.env);
  // Those of a service manager have their groups.
  const settings = await findSockets(config, inherited.length === 0);
  const sockets: { problem(): string | undefined } = { problem: () => undefined };
  const daemon = wire(
    config,
    log,
    load,
    () => sockets.problem(),
    async (examined) => {
      const reasons = () => [
        ['standard output', logFailure()] as const,
        ['audit file', examined.auditFailure()] as const,
      ];
      return await examineLate({ daemon: examined, outputs: () => listUnwritable(new Map(reasons())) });
    },
  );
  const { listen: scrapeAddress } = config.metrics;
  const scrapes =
    scrapeAddress &&
    (await listenForScrapes({
      ...scrapeAddress,
      isLoopback: isLoopback(scrapeAddress),
      metrics: daemon.services.metrics,
      onAnswer: daemon.onAnswer,
      log,
    }));
  const listening = await listen(daemon.app, {
    sockets: settings,
    inherited,
    // Prometheus would find nothing in the place of an idle podnetd that has left.
    idleTimeoutMs: scrapes === undefined ? config.idleTimeoutMs : 0,
    log,
  });
  sockets.problem = () => listening.problem();
  // After any end, no socket stays on which no process answers.
  process.once('exit', () => listening.withdraw());
  log.info(
    {
      version: podnetdVersion,
      commit: podnetdCommit,
      sockets: listening.entrances.map(({ address }) => address),
      roles: Object.fromEntries(listening.entrances.map(({ address, role }) => [address, role])),
      folder: config.cniConfigDir,
      ...(scrapes && { metrics: scrapes.address }),
    },
    'listening',
  );
  hangUp.onReload(() => daemon.reload());
  await notifyReady(log);
  keepHeapSmallSoon();
  loadAddonsSoon((error) => log.error({ err: error }, error instanceof Error ? error.message : String(error)));
  daemon.clearLeftovers().catch((error: unknown) => log.error({ err: error }, 'unfinished files stay'));
  const reason = await Promise.race([signals.first, listening.idle.then(() => 'idle')]);
  log.info({ reason }, 'stopping');
  await notifyStopping(log);
  daemon.endStreams();
  await scrapes?.close();
  // A request may have the whole wait for the lock before it.
  await listening.close(config.lockTimeoutMs + closeGraceMs);
  await daemon.app.close();
  daemon.close();
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    complain(explain(error));
    process.exit(error instanceof ConfigError || error instanceof DoctorError ? exitUsage : exitFailure);
  },
);

/** One line for a fault that a user can mend, the stack for a bug. */
function explain(error: unknown): string {
  const isForUsers = [ConfigError, ListenError, AddonError, DoctorError, MapError, PrintError].some(
    (kind) => error instanceof kind,
  );
  if (error instanceof Error && isForUsers) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
