#!/usr/bin/env node
import { pino, type Logger } from 'pino';
import { podnetdVersion } from './api/versions.js';
import { parseArguments } from './config/arguments.js';
import { ConfigError } from './config/config-error.js';
import { loadConfig } from './config/load.js';
import type { Config } from './config/schema.js';
import { loadAddonsSoon } from './host/addons.js';
import { keepHeapSmall } from './host/heap.js';
import { readIdentity } from './host/identity.js';
import { notifyReady, notifyStopping, takeInheritedSockets } from './host/systemd.js';
import { ListenError } from './host/listen-error.js';
import { listen } from './listen.js';
import { wire } from './wiring.js';

/** Bad flags or files. */
const exitUsage = 2;
const exitFailure = 1;

/** For what is in flight when the daemon is told to stop, besides waiting for the lock. */
const closeGraceMs = 10_000;

async function main(): Promise<void> {
  keepHeapSmall();
  const parsed = parseArguments(process.argv.slice(2));
  if (parsed.action === 'help') return void process.stdout.write(parsed.text);
  if (parsed.action === 'version') return void process.stdout.write(`podnetd ${podnetdVersion}\n`);
  const config = loadConfig(parsed.flags, process.env, readIdentity(process.env));
  const log = pino({ level: config.logLevel, base: { pid: process.pid } }, pino.destination({ dest: 1, sync: true }));
  await serve(config, log);
}

async function serve(config: Config, log: Logger): Promise<void> {
  const inherited = takeInheritedSockets(process.env);
  const daemon = wire(config, log);
  const listening = await listen(daemon.app, {
    sockets: config.listen,
    socketMode: config.socketMode,
    ...(config.socketGroup !== undefined && { socketGroup: config.socketGroup }),
    inherited,
    idleTimeoutMs: config.idleTimeoutMs,
    log,
  });
  log.info({ version: podnetdVersion, sockets: listening.addresses, folder: config.cniConfigDir }, 'listening');
  const stopped = awaitSignal();
  await notifyReady(log);
  loadAddonsSoon();
  daemon.clearLeftovers().catch((error: unknown) => log.error({ err: error }, 'unfinished files stay'));
  const reason = await Promise.race([stopped, listening.idle.then(() => 'idle')]);
  log.info({ reason }, 'stopping');
  await notifyStopping(log);
  daemon.endStreams();
  // A request may have the whole wait for the lock before it.
  await listening.close(config.lockTimeoutMs + closeGraceMs);
  await daemon.app.close();
  daemon.close();
}

/** The first signal stops the daemon; what is in flight is finished. */
async function awaitSignal(): Promise<string> {
  return await new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`podnetd: ${explain(error)}\n`);
    process.exit(error instanceof ConfigError ? exitUsage : exitFailure);
  },
);

/** One line for what a user can mend, the stack for what only we can. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof ListenError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
