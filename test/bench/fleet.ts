import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetBody } from '../../src/api/podnetd/fleet.js';
import { ask } from '../support/client.js';
import { runEtcd, type Etcd } from '../support/etcd.js';
import { comparePairs } from './pairs.js';
import { startPodnetd } from './peers/podnetd.js';
import { runHere, type Server } from './peers/server.js';

const networks = 1_000;

const pool = { base: '10.0.0.0/8', size: 25 };
/** The one that has the networks which are there. */
const ownBlock = '10.64.0.0/10';

/** Creates of a host that claims blocks in etcd beside creates of one that is alone, from the same pool. */
export async function benchFleet(scratch: string): Promise<void> {
  const etcds: Etcd[] = [];
  const { base, size } = pool;
  const alone = `[addresses]\nsubnet_pools = [{ base = "${ownBlock}", size = ${size} }]\n`;
  const startShared = async () => {
    const folder = mkdtempSync(path.join(scratch, 'fleet-'));
    const etcd = await runEtcd(folder);
    etcds.push(etcd);
    const shared = [
      '[fleet]',
      `endpoints = [${etcd.endpoints.map((url) => `"${url}"`).join(', ')}]`,
      `pools = [{ base = "${base}", block = 10, size = ${size} }]`,
      `state_file = "${path.join(folder, 'fleet.json')}"`,
      '',
    ].join('\n');
    const server = await startPodnetd(scratch, networks, runHere, shared);
    await untilOwning(server);
    return server;
  };
  try {
    await comparePairs(async () => await startPodnetd(scratch, networks, runHere, alone), startShared, 'fleet');
  } finally {
    for (const etcd of etcds) await etcd.stop();
  }
}

async function untilOwning({ socket }: Server): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { own_blocks: blocks } = (await ask(socket, 'GET', '/podnetd/v1/fleet')).json() as FleetBody;
    if (blocks.some(({ block }) => block === ownBlock)) return;
    await sleep(100);
  }
  throw new Error('the host has not claimed the block of the networks that are there');
}
