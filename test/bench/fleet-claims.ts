import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePool, makeRealHost, type RealHost } from '../fleet/real-hosts.js';
import { runEtcd, type Etcd } from '../support/etcd.js';
import { printTable, say } from './print.js';
import { time } from './statistics.js';

const hosts = 1_000;
/** Hosts that claim at the same moment. */
const atOnce = 50;
/** By the number of blocks: as many as there are hosts, nearly, and many more. */
const lengths = [20, 24];

/** A thousand hosts that want their first block of a real etcd; and the bytes of one host. */
export async function benchFleetClaims(scratch: string): Promise<void> {
  const rows: string[][] = [];
  for (const blockBits of lengths) {
    say(`blocks of /${blockBits}`);
    const folder = mkdtempSync(path.join(scratch, 'claims-'));
    const etcd = await runEtcd(folder);
    rows.push(await benchPool(etcd, folder, blockBits));
    await etcd.stop();
  }
  printTable(['', 'claims', 'a second', 'lost races a claim', 'requests a claim', 'bytes a claim in etcd'], rows);
  await measureBytes(mkdtempSync(path.join(scratch, 'bytes-')));
}

async function benchPool(etcd: Etcd, folder: string, blockBits: number): Promise<string[]> {
  const pool = makePool('10.64.0.0/10', blockBits, 28);
  const all = Array.from({ length: hosts }, (_, at) => makeRealHost(`host${at}`, folder, [pool], etcd));
  const left = [...all];
  const claim = async () => {
    for (let host = left.pop(); host !== undefined; host = left.pop())
      await host.engine.grow(4, performance.now() + 30_000);
  };
  const took = await time(async () => {
    await Promise.all(Array.from({ length: atOnce }, claim));
  });
  const blocks = all.flatMap((host) => host.blocks());
  if (new Set(blocks).size !== blocks.length) throw new Error('two hosts have one block');
  const { lost, requests } = sum(all);
  await Promise.all(all.map(async ({ engine }) => await engine.stop()));
  const keys = [...(await etcd.list('/podnetd/v1/'))];
  const bytes = keys.reduce((total, [key, value]) => total + key.length + value.length, 0);
  return [
    `1 000 hosts, ${2 ** (blockBits - 10)} blocks`,
    String(blocks.length),
    String(Math.round((blocks.length / took) * 1_000)),
    (lost / blocks.length).toFixed(2),
    (requests / blocks.length).toFixed(1),
    String(Math.round(bytes / blocks.length)),
  ];
}

function sum(all: readonly RealHost[]): { readonly lost: number; readonly requests: number } {
  let [lost, requests] = [0, 0];
  for (const { engine } of all) {
    lost += engine.counts.claims.get('lost-race') ?? 0;
    for (const count of engine.counts.requests.values()) requests += count;
  }
  return { lost, requests };
}

/** Of one host on the wire, with the heads of HTTP: its start with its first claim, a further one, and a heartbeat that shows nothing new. */
async function measureBytes(folder: string): Promise<void> {
  const etcd = await runEtcd(folder);
  const bytes = { sent: 0, received: 0 };
  const { port } = new URL(etcd.endpoints[0] ?? '');
  const proxy = createServer((client) => {
    const server = connect(Number(port), '127.0.0.1');
    client.on('data', (chunk) => (bytes.sent += chunk.length)).pipe(server);
    server.on('data', (chunk) => (bytes.received += chunk.length)).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const pools = [makePool('10.64.0.0/10', 20, 24)];
  const { engine, store, blocks } = makeRealHost('3d1219c7c4c5404aaa1f6d2a48adfda4', folder, pools, {
    endpoints: [endpoint],
  });
  const rows: string[][] = [];
  const note = async (label: string, act: () => Promise<unknown>) => {
    const before = { ...bytes, requests: engine.counts.requests.get('200') ?? 0 };
    await act();
    rows.push([
      label,
      String((engine.counts.requests.get('200') ?? 0) - before.requests),
      String(bytes.sent - before.sent),
      String(bytes.received - before.received),
    ]);
  };
  await note('start, first claim', async () => {
    engine.start();
    while (blocks().length === 0) await sleep(10);
    await sleep(100);
  });
  await note('a claim', async () => await engine.grow(4, performance.now() + 10_000));
  const lease = await store.grantLease(60, performance.now() + 10_000);
  await note('a heartbeat', async () => await store.keepLease(lease, performance.now() + 10_000));
  await engine.stop();
  proxy.close();
  await etcd.stop();
  printTable(['', 'requests', 'bytes sent', 'bytes received'], rows);
}
