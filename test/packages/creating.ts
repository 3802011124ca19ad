import { Agent, request } from 'node:http';
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
const pauseMs = 100;

/**
 * Clients that create one network after the other: as many on a new connection for each, as on one that a Node agent keeps and never retries.
 *
 * @param clients of each kind
 * @param goesOn whether a client begins another create
 */
export async function createNetworks(socket: string, clients: number, goesOn: () => boolean): Promise<Creating> {
  const made: string[] = [];
  const faults: string[] = [];
  const work = async (client: string, agent: Agent | false) => {
    for (let count = 0; count < bound && goesOn(); count += 1) {
      const name = `load-${client}-${count}`;
      const outcome = await create(socket, name, agent).catch((error: unknown) => String(error));
      if (outcome === '201') made.push(name);
      else faults.push(`${name}: ${outcome}`);
      await sleep(pauseMs);
    }
    if (agent !== false) agent.destroy();
  };
  await Promise.all(
    Array.from({ length: clients }, (_, client) => [
      work(`new-${client}`, false),
      work(`kept-${client}`, new Agent({ keepAlive: true })),
    ]).flat(),
  );
  return { made, faults };
}

/** @returns the status, and the body of any but 201 */
async function create(socketPath: string, name: string, agent: Agent | false): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  return await new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST', path: '/networks/create', headers, agent }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => (body += String(chunk)));
      answer.on('end', () => resolve(answer.statusCode === 201 ? '201' : `${answer.statusCode} ${body}`));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ Name: name }));
  });
}
