/**
 * A process that listens as podnetd does. Argument: the options of `listen` as JSON, without those from the service manager.
 * Prints `loaded`; with the environment variable WAIT waits for a line before it listens, and for `close` or SIGTERM before it ends.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import fastify from 'fastify';
import { ListenError } from '../../src/host/sockets/listen-error.js';
import { takeInheritedSockets } from '../../src/host/sockets/systemd.js';
import { listen, type Listening, type ListenOptions } from '../../src/server/listen.js';

const { sockets = [], ...options } = JSON.parse(process.argv[2] ?? '{}') as Partial<Omit<ListenOptions, 'sockets'>> & {
  readonly sockets?: readonly (string | ListenOptions['sockets'][number])[];
};
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

say('loaded');
if (process.env['WAIT'] === undefined) await run();
else while ((await lines.next()).done !== true) await run();
process.exit();

async function run(): Promise<void> {
  const app = fastify();
  app.get('/pid', () => String(process.pid));
  app.get('/child', () => execFileSync('sh', ['-c', 'env | grep ^LISTEN_; ls /proc/self/fd']).toString());
  await app.ready();
  let listening: Listening;
  try {
    listening = await listen(app, {
      sockets: sockets.map((socket) =>
        typeof socket === 'string' ? { path: socket, mode: 0o660, gid: undefined } : socket,
      ),
      idleTimeoutMs: 0,
      log: { warn: (_details, message) => process.stderr.write(`${message}\n`) },
      ...options,
      inherited: takeInheritedSockets(process.env),
    });
  } catch (error) {
    await app.close();
    if (!(error instanceof ListenError)) throw error;
    return say(`refused ${error.message}`);
  }
  say(`listening ${listening.entrances.map(({ address }) => address).join(' ')}`);
  const stopped: Promise<unknown>[] = [once(process, 'SIGTERM'), listening.idle];
  if (process.env['WAIT'] !== undefined) stopped.push(lines.next());
  await Promise.race(stopped);
  await listening.close();
  await app.close();
  say('closed');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
