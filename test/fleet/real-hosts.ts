import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { EtcdStore, type EtcdSettings } from '../../src/fleet/etcd/etcd-store.js';
import { HostClaimsEngine } from '../../src/fleet/host-claims-engine.js';
import { openFleetFile } from '../../src/fleet/own/fleet-file.js';
import { machineSurroundings } from '../../src/fleet/given/machine-surroundings.js';
import { formatCidr, overlaps } from '../../src/ip/cidr.js';
import type { Cidr } from '../../src/model/address.js';
import type { FleetPool } from '../../src/model/fleet.js';
import { cidr } from '../support/addresses.js';

export function makePool(base: string, blockBits: number, prefixBits: number): FleetPool {
  return { base: cidr(base), blockBits, prefixBits };
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
    surroundings: machineSurroundings,
    log: { info: () => undefined, warn: () => undefined },
  });
  return { engine, store, networks, blocks: () => engine.ownBlocks.map(formatCidr) };
}
