import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, reasonOf } from '../native-error.js';

/** A port of the host that slirp4netns forwards into the namespace; source: slirp4netns.1, "API SOCKET". */
export interface HostForward {
  readonly protocol: 'tcp' | 'udp';
  /** An IPv4 address. */
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly guestAddress: string;
  readonly guestPort: number;
}

export interface ActiveForward extends HostForward {
  readonly id: number;
}

/** slirp4netns answered with an error, or could not be asked. */
export class SlirpApiError extends Error {
  override readonly name = 'SlirpApiError';
}

const answerBytes = 1024 * 1024;
const answerTimeoutMs = 10_000;
const askAgainMs = 5;

/** @throws SlirpApiError */
export async function listForwards(socket: string): Promise<readonly ActiveForward[]> {
  const answer = await ask(socket, { execute: 'list_hostfwd' });
  const entries = Array.isArray(answer['entries']) ? (answer['entries'] as readonly Record<string, unknown>[]) : [];
  return entries.map((entry) => ({
    id: Number(entry['id']),
    protocol: entry['proto'] === 'udp' ? 'udp' : 'tcp',
    hostAddress: String(entry['host_addr']),
    hostPort: Number(entry['host_port']),
    guestAddress: String(entry['guest_addr']),
    guestPort: Number(entry['guest_port']),
  }));
}

/** @throws SlirpApiError */
export async function addForward(socket: string, forward: HostForward): Promise<void> {
  await ask(socket, {
    execute: 'add_hostfwd',
    arguments: {
      proto: forward.protocol,
      host_addr: forward.hostAddress,
      host_port: forward.hostPort,
      guest_addr: forward.guestAddress,
      guest_port: forward.guestPort,
    },
  });
}

/** @throws SlirpApiError */
export async function removeForward(socket: string, id: number): Promise<void> {
  await ask(socket, { execute: 'remove_hostfwd', arguments: { id } });
}

/**
 * Sends one request on a connection of its own: slirp4netns reads to the end of the request, answers and closes. Meanwhile at most one more
 * connection waits, and the kernel refuses others with EAGAIN, so `ask` tries again; source: slirp4netns api.c@v1.2.0 (listen).
 */
async function ask(socket: string, request: object): Promise<Readonly<Record<string, unknown>>> {
  const until = performance.now() + answerTimeoutMs;
  for (;;) {
    try {
      return readAnswer(await exchange(socket, JSON.stringify(request)));
    } catch (error) {
      if (!(error instanceof SlirpApiError) || codeOf(error.cause) !== 'EAGAIN' || performance.now() > until)
        throw error;
      await sleep(askAgainMs);
    }
  }
}

async function exchange(socket: string, request: string): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) => reject(new SlirpApiError(`${socket}: ${reason}`, { cause }));
    let answer = '';
    const connection = net.connect(socket);
    connection.setTimeout(answerTimeoutMs, () => {
      connection.destroy();
      fail(`no answer within ${answerTimeoutMs} ms`);
    });
    connection.on('data', (chunk) => {
      answer += chunk.toString();
      if (answer.length > answerBytes) connection.destroy();
    });
    connection.once('error', (error) => fail(reasonOf(error), error));
    connection.once('close', () => resolve(answer));
    connection.end(request);
  });
}

function readAnswer(text: string): Readonly<Record<string, unknown>> {
  let answer: { return?: object; error?: { desc?: string } };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch (error) {
    throw new SlirpApiError(`the answer is not JSON: ${text.slice(0, 200)}`, { cause: error });
  }
  if (answer.error !== undefined) {
    throw new SlirpApiError((answer.error.desc ?? 'an error without a description').replace(/^bad request: /, ''));
  }
  // `list_hostfwd` answers without the `return` that wraps other answers; source: slirp4netns api.c@v1.2.0.
  return (answer.return ?? answer) as Readonly<Record<string, unknown>>;
}
