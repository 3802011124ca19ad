import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** The outcome of many creates. */
export interface Creating {
  /** Names of networks that podnetd reported as made. */
  readonly made: readonly string[];
  /** The status and body, or the error, of each other request. */
  readonly faults: readonly string[];
}

/** The most that one client asks for, should the other side never end. */
const bound = 500;

/** Between two creates of a client, so that the clients leave the package manager its share of the processors. */
const pauseMs = 50;

/**
 * Clients that create one network after the other, each on a connection of its own.
 *
 * @param goesOn whether a client begins another create
 */
export async function createNetworks(socket: string, clients: number, goesOn: () => boolean): Promise<Creating> {
  const made: string[] = [];
  const faults: string[] = [];
  const work = async (client: number) => {
    for (let count = 0; count < bound && goesOn(); count += 1) {
      const name = `load-${client}-${count}`;
      const outcome = await create(socket, name).catch((error: unknown) => String(error));
      if (outcome === '201') made.push(name);
      else faults.push(`${name}: ${outcome}`);
      await sleep(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, async (_, client) => await work(client)));
  return { made, faults };
}

/** @returns the status, and the body of any but 201 */
async function create(socketPath: string, name: string): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  return await new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST', path: '/networks/create', headers, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => (body += String(chunk)));
      answer.on('end', () => resolve(answer.statusCode === 201 ? '201' : `${answer.statusCode} ${body}`));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ Name: name }));
  });
}
