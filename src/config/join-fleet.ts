import { isIP } from 'node:net';
import { blockAt, countBlocks } from '../ip/blocks.js';
import { covers, formatCidr, overlaps } from '../ip/cidr.js';
import type { Cidr } from '../model/address.js';
import { refuseCovered } from './covered-pool.js';
import type { FleetSettings, FleetStoreSettings } from './fleet.js';
import type { FleetConf, PlacedFleetPool } from './fleet-file.js';
import type { JoinedAddressConf } from './podnetd-toml.js';
import { isLoopback } from './tcp-address.js';
import { faultAt, formatPlace, type FilePlace } from './toml-document.js';

/** What else decides about a fleet. */
interface FleetContext {
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  /** Absolute path of the file of own blocks where no file of settings has one. */
  readonly stateFile: string;
}

export interface JoinedFleet {
  /** Undefined where no file has one. */
  readonly fleet: FleetSettings | undefined;
  readonly warnings: readonly string[];
}

/** Keys of a store, as a file writes them. */
const storeKeys = ['ca', 'cert', 'key', 'user', 'password_file', 'prefix', 'host', 'state_file'] as const;

/** Keys that need each other. */
const pairs = [
  ['cert', 'key'],
  ['key', 'cert'],
  ['user', 'password_file'],
  ['password_file', 'user'],
] as const;

/** The table `[fleet]` of all files together. @throws ConfigError for keys that exclude or lack each other */
export function joinFleet(own: JoinedAddressConf, context: FleetContext): JoinedFleet {
  const { fleet: conf = {} } = own;
  const place = (key: string) => own.places[`fleet.${key}`];
  const refuse = (key: string, problem: string): never => {
    throw faultAt((place(key) ?? unplaced(key))(), problem);
  };
  const given = ['endpoints', 'host_index', ...storeKeys].find((key) => place(key) !== undefined);
  const { pools, hostIndex, endpoints } = conf;
  if (pools === undefined) {
    if (given === undefined) return { fleet: undefined, warnings: [] };
    return refuse(
      given,
      'there is no pool to share; add to [fleet]: pools = [{ base = "10.64.0.0/12", block = 20, size = 24 }]',
    );
  }
  refuseOtherPools(pools, own);
  const plain = pools.map(({ base, blockBits, prefixBits }) => ({ base, blockBits, prefixBits }));
  const warnings = warnOfDefault(pools, context);
  if (hostIndex === undefined) {
    if (endpoints === undefined)
      return refuse('pools', "nothing says which blocks are this host's; add host_index or endpoints to [fleet]");
    for (const [one, other] of pairs)
      if (place(one) !== undefined && place(other) === undefined)
        refuse(one, `it needs ${other}; add it, or take ${one} away`);
    const fleet = {
      kind: 'store',
      pools: plain,
      host: conf.host ?? findHost(own, refuse),
      stateFile: conf.stateFile ?? context.stateFile,
      store: joinStore(endpoints, conf, refuse),
    } as const;
    return { fleet, warnings: [...warnings, ...warnOfPlainText(fleet.store)] };
  }
  if (endpoints !== undefined)
    refuse(
      'host_index',
      `endpoints (${formatPlace((place('endpoints') ?? unplaced('endpoints'))())}) stands beside it: a host has a number or claims blocks; take one of them away`,
    );
  const needless = storeKeys.find((key) => place(key) !== undefined);
  if (needless !== undefined)
    refuse(needless, 'it counts with endpoints alone, and this host has host_index; take it away');
  checkIndex(hostIndex, pools, own, context, refuse);
  return { fleet: { kind: 'index', pools: plain, hostIndex }, warnings };
}

type RefuseKey = (key: string, problem: string) => never;

function joinStore(endpoints: readonly string[], conf: FleetConf, refuse: RefuseKey): FleetStoreSettings {
  const { ca, cert, key, user, passwordFile, prefix = '/podnetd' } = conf;
  const isEncrypted = endpoints.some((endpoint) => endpoint.startsWith('https:'));
  const needless = isEncrypted ? undefined : (['ca', 'cert', 'key'] as const).find((name) => conf[name] !== undefined);
  if (needless !== undefined)
    refuse(needless, 'it counts for https alone, and no endpoint is https; take it away, or write https');
  return {
    endpoints,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(user !== undefined && { user }),
    ...(passwordFile !== undefined && { passwordFile }),
    prefix,
  };
}

function findHost({ findHost: find }: JoinedAddressConf, refuse: RefuseKey): string {
  try {
    return find();
  } catch (error) {
    return refuse('endpoints', `the id of this host is unknown: ${(error as Error).message}; add host to [fleet]`);
  }
}

/** One family has its subnets from the fleet or from pools of this host. */
function refuseOtherPools(pools: readonly PlacedFleetPool[], { subnetPools = [], reserved }: JoinedAddressConf): void {
  for (const pool of pools) {
    const { base, place } = pool;
    const other = subnetPools.find((one) => one.base.family === base.family);
    if (other !== undefined)
      throw faultAt(
        place(),
        `the fleet's pool ${formatCidr(base)} stands beside the pool ${formatCidr(other.base)} (${formatPlace(other.place())}): ` +
          `IPv${base.family} subnets come from one of the two kinds; take one of them away`,
      );
    refuseCovered(pool, reserved);
  }
}

function checkIndex(
  index: number,
  pools: readonly PlacedFleetPool[],
  { reserved }: JoinedAddressConf,
  { defaultNetwork, defaultSubnet }: FleetContext,
  refuse: RefuseKey,
): void {
  for (const pool of pools) {
    const [base, blocks] = [formatCidr(pool.base), countBlocks(pool)];
    if (BigInt(index) >= blocks)
      refuse(
        'host_index',
        `${index} is beyond the ${blocks} blocks of the pool ${base}: the last is ${blocks - 1n}; write a longer block into all hosts' files, or another number`,
      );
    const block = blockAt(pool, BigInt(index));
    const useless = (what: string) =>
      refuse(
        'host_index',
        `${what} covers the block ${formatCidr(block)} of this number whole, so it would give no subnet; write another number`,
      );
    const whole = reserved.find(({ prefix }) => covers(prefix, block));
    if (whole !== undefined) useless(`the reserved prefix ${formatCidr(whole.prefix)} (${whole.reason})`);
    if (covers(defaultSubnet, block)) useless(`${formatCidr(defaultSubnet)} of the network ${defaultNetwork}`);
  }
}

/** Each host has the default network, and usually with the same subnet. */
function warnOfDefault(
  pools: readonly PlacedFleetPool[],
  { defaultNetwork, defaultSubnet }: FleetContext,
): readonly string[] {
  const pool = pools.find(({ base }) => overlaps(base, defaultSubnet));
  if (pool === undefined) return [];
  return [
    `${formatPlace(pool.place())}: the network ${defaultNetwork} has ${formatCidr(defaultSubnet)}, a part of the fleet's pool ${formatCidr(pool.base)}, on each host ` +
      'that has the same default_subnet; give it another prefix outside of the pool by default_subnet of containers.conf',
  ];
}

function warnOfPlainText({ endpoints, user }: FleetStoreSettings): readonly string[] {
  const plain = endpoints.find((endpoint) => endpoint.startsWith('http:') && !isLocal(new URL(endpoint).hostname));
  if (user === undefined || plain === undefined) return [];
  return [
    `the password of the etcd user ${user} goes to ${plain} without encryption; write https into endpoints of [fleet]`,
  ];
}

/** @param hostname of a URL */
function isLocal(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return hostname === 'localhost' || (isIP(host) !== 0 && isLoopback({ host }));
}

/** Values and places come from the same files. */
function unplaced(key: string): () => FilePlace {
  throw new TypeError(`fleet.${key} has no place`);
}
