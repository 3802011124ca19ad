import { request } from 'node:http';

/** What clients got for their creates. */
export interface Creating {
  /** Names of networks that podnetd reported as made. */
  readonly made: readonly string[];
  /** What the other requests ended with. */
  readonly faults: readonly string[];
}

/** The most that one client asks for, should the other side never end. */
const bound = 500;

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
