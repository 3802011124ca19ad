import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { EtcdStore, type EtcdSettings } from '../../src/fleet/etcd/etcd-store.js';
import { HostClaimsEngine } from '../../src/fleet/host-claims-engine.js';
import { openFleetFile } from '../../src/fleet/own/fleet-file.js';
import type { Surroundings } from '../../src/fleet/given/parts.js';
import { formatCidr, parseCidr, overlaps } from '../../src/ip/cidr.js';
import type { Cidr } from '../../src/model/address.js';
import type { FleetPool } from '../../src/model/fleet.js';

/** A time of the real clock. */
const surroundings: Surroundings = {
  now: () => performance.now(),
  time: () => new Date(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  makeToken: () => randomUUID(),
};

export function makePool(base: string, blockBits: number, prefixBits: number): FleetPool {
  const parsed = parseCidr(base);
  if (parsed === undefined) throw new TypeError(base);
  return { base: parsed.cidr, blockBits, prefixBits };
}

export interface RealHost {
  readonly engine: HostClaimsEngine;
  readonly store: EtcdStore;
  /** Networks of the host, which the test changes. */
  readonly networks: { name: string; subnets: Cidr[] }[];
  /** Sorted texts. */
  blocks(): readonly string[];
}

/** An engine over a real etcd and a real file. Its use of addresses is what the test says. */
export function makeRealHost(
  host: string,
  folder: string,
  pools: readonly FleetPool[],
  etcd: EtcdSettings,
  bootId = host,
): RealHost {
  const networks: { name: string; subnets: Cidr[] }[] = [];
  const store = new EtcdStore(etcd);
  const engine: HostClaimsEngine = new HostClaimsEngine({
    identity: { host, name: `name of ${host}`, session: randomUUID(), bootId, pools },
    prefix: '/podnetd',
    file: openFleetFile(path.join(folder, `${host}.json`), host),
    store,
    lookAtUse: async () => ({
      networks: networks.length,
      strays: networks,
      isUsed: (prefix) => networks.some(({ subnets }) => subnets.some((subnet) => overlaps(subnet, prefix))),
      pools: engine.ownBlocks.map((block) => ({ pool: { base: block }, total: 16n, free: 16n })),
    }),
    surroundings,
    log: { info: () => undefined, warn: () => undefined },
  });
  return { engine, store, networks, blocks: () => engine.ownBlocks.map(formatCidr) };
}
