import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { findNestings } from '../../src/ip/nestings.js';
import type { Cidr } from '../../src/model/address.js';
import { cidr } from '../support/addresses.js';
import { startEtcd, type Etcd, type EtcdMember } from '../support/etcd.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { FleetHost } from './fleet-host.js';

/** Twenty daemons on a cluster of three etcds with TLS, which fails in every way while networks are made. */

const hostCount = 20;
const createsOfHost = rounds(100, 1_000);
const pool = { base: '10.64.0.0/10', block: 23, size: 28 };
const subnetsOfBlock = 32;

interface Made {
  readonly host: string;
  readonly prefix: Cidr;
}

/** Makes networks until all are made. A create may fail only while no subnet of an own block is free. */
async function makeNetworks(t: Test, host: FleetHost, onMade: () => void, isOver: () => boolean): Promise<number> {
  let refusals = 0;
  for (let index = 0; index < createsOfHost || !isOver(); index += 1) {
    const name = `net${index}`;
    for (;;) {
      const before = host.file().length;
      const answer = await host.create(name);
      if (answer.status === 201) break;
      refusals += 1;
      if (!/etcd cannot be reached/.test(answer.text)) t.fail(`${host.name}: ${answer.text}`);
      // A block that came since has room.
      t.ok((await countFree(host)) === 0n || host.file().length > before, 'own blocks were full');
      await sleep(200);
    }
    onMade();
    // The quick ones leave others a turn, and go on as long as the faults do.
    await sleep(index < createsOfHost ? 5 : 500);
  }
  return refusals;
}

async function countFree(host: FleetHost): Promise<bigint> {
  const { pools } = (await host.daemon.ask('GET', '/podnetd/v1/pools')).json() as {
    readonly pools: readonly { readonly family: number; readonly blocks: { readonly free: number } }[];
  };
  return pools.filter(({ family }) => family === 4).reduce((sum, { blocks }) => sum + BigInt(blocks.free), 0n);
}

/** The member that leads, and the id of another one in hexadecimal digits. */
async function findLeader(etcd: Etcd): Promise<{ readonly leader: EtcdMember; readonly other: string }> {
  const rows = (await etcd.ctl('endpoint', 'status'))
    .trim()
    .split('\n')
    .map((line) => line.split(', '));
  const leading = rows.find((cells) => cells[4] === 'true');
  const other = rows.find((cells) => cells[4] === 'false')?.[1] ?? '';
  const leader = etcd.members.find(({ url }) => url === leading?.[0]);
  if (leader === undefined) throw new Error('no member leads');
  return { leader, other };
}

/** etcd takes no new member until the others have been connected for some seconds. */
async function addMember(etcd: Etcd, { url }: EtcdMember, name: string, peerUrl: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await etcd.ctl('--endpoints', url, 'member', 'add', name, `--peer-urls=${peerUrl}`);
      return;
    } catch (error) {
      if (tries === 20 || !String(error).includes('unhealthy cluster')) throw error;
      await sleep(500);
    }
  }
}

/** In turn, each with creates going on. */
const faults: readonly (readonly [name: string, act: (etcd: Etcd) => Promise<void>])[] = [
  [
    'the leader moves',
    async (etcd) => {
      const { leader, other } = await findLeader(etcd);
      await etcd.ctl('--endpoints', leader.url, 'move-leader', other);
      await sleep(500);
    },
  ],
  [
    'the leader is stopped for a time',
    async (etcd) => {
      const { leader } = await findLeader(etcd);
      leader.pause();
      await sleep(2_000);
      leader.resume();
    },
  ],
  [
    'the leader is killed and comes back',
    async (etcd) => {
      const { leader } = await findLeader(etcd);
      await leader.kill();
      await sleep(2_000);
      await leader.start();
    },
  ],
  [
    'a member loses its disk, and another takes its place',
    async (etcd) => {
      const { leader } = await findLeader(etcd);
      const lost = etcd.members.find((member) => member !== leader);
      if (lost === undefined) return;
      const row = (await etcd.ctl('member', 'list'))
        .trim()
        .split('\n')
        .map((line) => line.split(', '));
      const cells = row.find((one) => one[2] === lost.name) ?? [];
      await lost.kill();
      lost.loseDisk();
      await etcd.ctl('--endpoints', leader.url, 'member', 'remove', cells[0] ?? '');
      await addMember(etcd, leader, lost.name, cells[3] ?? '');
      await lost.start('--initial-cluster-state=existing');
      await sleep(1_000);
    },
  ],
  [
    'two members are gone for a time',
    async (etcd) => {
      const [first, second] = etcd.members;
      await Promise.all([first?.kill(), second?.kill()]);
      await sleep(2_500);
      await Promise.all([first?.start(), second?.start()]);
    },
  ],
  [
    'all members are stopped for a time',
    async (etcd) => {
      for (const member of etcd.members) member.pause();
      await sleep(2_200);
      for (const member of etcd.members) member.resume();
    },
  ],
];

/** The subnets in the files of all hosts. */
function readSubnets(hosts: readonly FleetHost[]): readonly Made[] {
  return hosts.flatMap(({ name, folder }) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.conflist'))
      .map((file) => ({
        host: `${name} ${file}`,
        prefix: cidr(/"subnet": "([^"]+)"/.exec(readFileSync(path.join(folder, file), 'utf8'))?.[1] ?? ''),
      })),
  );
}

function findOverlaps(hosts: readonly FleetHost[]): readonly string[] {
  return Array.from(findNestings(readSubnets(hosts))).flatMap(({ inner, outer }) =>
    outer.filter((one) => one !== inner).map((one) => `${inner.host} and ${one.host}`),
  );
}

t.test(
  'twenty hosts share a pool while their etcd fails',
  { skip: missing('etcd', 'etcdctl', 'openssl') },
  async (t) => {
    const etcd = await startEtcd(t, { members: 3, hasTls: true });
    const settings = { endpoints: etcd.endpoints, pools: [pool], tls: etcd.tls };
    const hosts = Array.from({ length: hostCount }, (_, index) => new FleetHost(t, `host${index}`, settings));
    await Promise.all(hosts.map(async (host) => await host.startOwning()));
    let made = 0;
    let isOver = false;
    const onMade = () => {
      made += 1;
    };
    const making = Promise.all(hosts.map(async (host) => await makeNetworks(t, host, onMade, () => isOver)));
    for (const [name, act] of faults) {
      const before = made;
      await act(etcd);
      await etcd.ready();
      t.comment(`${name}: ${made - before} creates`);
    }
    isOver = true;
    const refusals = (await making).reduce((sum, count) => sum + count, 0);
    t.comment(`${made} networks, ${refusals} creates refused while own blocks were full`);
    t.ok(made >= hostCount * createsOfHost);
    t.same(findOverlaps(hosts), []);

    t.test('and get their claims back when it has lost all', async (t) => {
      const roomy = [];
      for (const host of hosts) {
        await host.until(({ store }) => store?.reachable === true);
        if ((await countFree(host)) > subnetsOfBlock / 2) roomy.push(host);
      }
      await Promise.all(etcd.members.map(async (member) => await member.kill()));
      for (const member of etcd.members) member.loseDisk();
      await Promise.all(roomy.map(async (host) => await host.must('without')));
      await Promise.all(etcd.members.map(async (member) => await member.start()));
      await etcd.ready();
      for (const host of hosts)
        await host.until(({ hosts: seen, own_blocks: own, store }) => {
          const mine = seen.find((one) => one.host === host.name);
          return store?.reachable === true && mine?.blocks.length === own.length && own.length > 0;
        });
      const claims = (await etcd.list('/podnetd/v1/blocks/')).size;
      t.equal(
        claims,
        hosts.reduce((sum, host) => sum + host.file().length, 0),
      );
      t.same(findOverlaps(hosts), []);
      for (const host of hosts) t.same((await host.look()).collisions, [], host.name);
    });
  },
);
