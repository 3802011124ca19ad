import type { Client } from './client.js';
import { summarise, time, type Sample } from './statistics.js';

const rounds = 60;
const warmUp = 20;

/** Times of one question, in milliseconds. */
interface Answered {
  /** While nothing changes. */
  readonly same: Sample;
  /** The first one after a create. */
  readonly changed: Sample;
}

/** Asks each question in turn, while nothing changes and after a change. @returns in the order of the questions */
export async function timeSameAndChanged(client: Client, urls: readonly string[]): Promise<readonly Answered[]> {
  const found = urls.map((url) => ({ url, same: [] as number[], changed: [] as number[] }));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const { url, same, changed } of found) {
      const [after, again] = [await askAfterChange(client, url), await askOnce(client, url)];
      if (round < 0) continue;
      changed.push(after);
      same.push(again);
    }
  }
  return found.map(({ same, changed }) => ({ same: summarise(same), changed: summarise(changed) }));
}

/** The network is removed before the next question, which so follows a change and finds the folder as it was. */
async function askAfterChange(client: Client, url: string): Promise<number> {
  await client.expect(201, 'POST', '/v1.40/networks/create', { Name: 'changed' });
  const took = await askOnce(client, url);
  await client.expect(200, 'DELETE', '/v4.0.0/libpod/networks/changed');
  // Takes in the removal, so that the second question of a round finds nothing changed.
  await client.expect(200, 'GET', url);
  return took;
}

async function askOnce(client: Client, url: string): Promise<number> {
  return await time(async () => await client.expect(200, 'GET', url));
}
