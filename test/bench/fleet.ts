import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetBody } from '../../src/api/podnetd/fleet.js';
import { ask } from '../support/client.js';
import { runEtcd } from '../support/etcd.js';
import { comparePairs } from './pairs.js';
import { startPodnetd } from './peers/podnetd.js';
import { runHere, type Server } from './peers/server.js';

const networks = 1_000;

const pool = { base: '10.0.0.0/8', size: 25 };
/** The one that has the networks which are there. */
const ownBlock = '10.64.0.0/10';

/** Creates of a host that claims blocks in etcd beside creates of one that is alone, from the same pool. */
export async function benchFleet(scratch: string): Promise<void> {
  const { base, size } = pool;
  const alone = `[addresses]\nsubnet_pools = [{ base = "${ownBlock}", size = ${size} }]\n`;
  const startShared = async (): Promise<Server> => {
    const folder = mkdtempSync(path.join(scratch, 'fleet-'));
    const etcd = await runEtcd(folder);
    try {
      const shared = [
        '[fleet]',
        `endpoints = [${etcd.endpoints.map((url) => `"${url}"`).join(', ')}]`,
        `pools = [{ base = "${base}", block = 10, size = ${size} }]`,
        `state_file = "${path.join(folder, 'fleet.json')}"`,
        '',
      ].join('\n');
      const server = await startPodnetd(scratch, networks, runHere, shared);
      await untilOwning(server);
      const stop = async () => {
        await server.stop();
        await etcd.stop();
      };
      return { ...server, stop };
    } catch (error) {
      await etcd.stop();
      throw error;
    }
  };
  await comparePairs(async () => await startPodnetd(scratch, networks, runHere, alone), startShared, 'fleet');
}

async function untilOwning({ socket }: Server): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { own_blocks: blocks } = (await ask(socket, 'GET', '/podnetd/v1/fleet')).json() as FleetBody;
    if (blocks.some(({ block }) => block === ownBlock)) return;
    await sleep(100);
  }
  throw new Error('the host has not claimed the block of the networks that are there');
}
