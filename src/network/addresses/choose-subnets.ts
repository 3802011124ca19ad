import {
  findFreeBlock,
  poolsFor,
  randomUla,
  shortestUla,
  usualUla,
  type SearchedPool,
  type WantedPrefix,
} from '../../ip/allocate.js';
import { bitsOf, formatAddress, formatCidr, networkAddress } from '../../ip/cidr.js';
import { isLeasable } from '../../ip/leasable.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import { formatSize } from '../../ip/prefix-size.js';
import type { Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { withheld, type Withheld } from '../../model/withheld.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { claimsOn, firmClaims, joinClaims, type TakenPrefixes } from './claims.js';
import { refuseExhausted } from './exhaustion.js';
import { fleetPoolsOf } from './fleet.js';
import { showHolder, type PrefixHolder } from './holders.js';

export interface ChosenSubnets {
  /** In the order of the wanted ones. */
  readonly cidrs: readonly Cidr[];
  readonly warnings: readonly string[];
}

/**
 * Chooses free subnets, all of them or none. A shorter prefix takes as many blocks of a longer one wherever it lies; so with the shortest chosen
 * first, all are found that can be found together.
 *
 * @param named subnets that the request names itself
 * @throws NetworkError exhausted, invalid
 */
export function chooseSubnets(
  wanted: readonly WantedPrefix[],
  named: readonly Cidr[],
  taken: TakenPrefixes,
  settings: NetworkSettings,
): ChosenSubnets {
  if (wanted.length === 0) return { cidrs: [], warnings: [] };
  const chosen = new Map<WantedPrefix, Cidr>();
  const warnings: string[] = [];
  const claims = claimsOn(taken, settings);
  for (const one of wanted.toSorted(shortestFirst)) {
    const own = [...named, ...chosen.values()];
    const free = chooseOne(one, settings, withOwn(joinClaims(claims, settings), own));
    const cidr = free ?? chooseOne(one, settings, withOwn(joinClaims(firmClaims(claims), settings), own));
    if (cidr === undefined) return refuseExhausted(one, poolsOf(one, settings), own, taken, settings);
    if (free === undefined) warnings.push(warnOfAvoided(cidr, taken, settings));
    chosen.set(one, cidr);
  }
  return { cidrs: wanted.flatMap((one) => chosen.get(one) ?? []), warnings };
}

/** The pools that a subnet may come from, in the order of the search. */
export function poolsOf(wanted: WantedPrefix, { subnetPools }: NetworkSettings): readonly SearchedPool[] {
  return poolsFor(subnetPools, wanted).filter(({ base: { family }, prefixBits }) => isLeasable({ family, prefixBits }));
}

/** Whether prefixes of a family are random, because no pool has any, neither of this host nor of its fleet. */
export function isRandom({ family }: Pick<WantedPrefix, 'family'>, settings: NetworkSettings): boolean {
  return (
    family === 6 &&
    !settings.subnetPools.some(({ base }) => base.family === 6) &&
    fleetPoolsOf(6, settings).length === 0
  );
}

function chooseOne(wanted: WantedPrefix, settings: NetworkSettings, avoided: PrefixSet): Cidr | undefined {
  const { family, prefixBits } = wanted;
  if (isRandom(wanted, settings)) {
    if (prefixBits !== undefined && prefixBits < shortestUla) refuseSize(family, prefixBits, shortestUla, 'fd00::/8');
    return randomUla((bytes) => settings.random(bytes), avoided, prefixBits ?? usualUla);
  }
  const pools = poolsOf(wanted, settings);
  if (prefixBits !== undefined && pools.length === 0) {
    refuseBeyondBlocks(family, prefixBits, settings);
    const [largest] = settings.subnetPools.filter(({ base }) => base.family === family).toSorted(byBase);
    if (largest !== undefined && fleetPoolsOf(family, settings).length === 0)
      refuseSize(family, prefixBits, largest.base.prefixBits, formatCidr(largest.base));
  }
  return findFreeBlock(pools, avoided);
}

/** A prefix that no block has room for; one that fits blocks which this host does not have yet is exhausted and not wrong. */
function refuseBeyondBlocks(family: WantedPrefix['family'], prefixBits: number, settings: NetworkSettings): void {
  const [largest] = fleetPoolsOf(family, settings).toSorted((a, b) => a.blockBits - b.blockBits);
  if (largest === undefined || prefixBits >= largest.blockBits) return;
  const subnet = formatSize({ family, prefixBits });
  throw new NetworkError('sizeBeyondBlocks', { subnet, shortest: largest.blockBits, pool: formatCidr(largest.base) });
}

function refuseSize(family: WantedPrefix['family'], prefixBits: number, shortest: number, pool: string): never {
  throw new NetworkError('sizeBeyondPools', { subnet: formatSize({ family, prefixBits }), shortest, pool });
}

function withOwn(set: PrefixSet, own: readonly Cidr[]): PrefixSet {
  return own.reduce((sum, cidr) => sum.add(cidr), set);
}

function warnOfAvoided(cidr: Cidr, taken: TakenPrefixes, settings: NetworkSettings): string {
  const route = settings.avoidRoutes ? taken.host.routes.overlapping(cidr) : undefined;
  const server = settings.avoidDnsServers ? taken.host.dnsServers.overlapping(cidr) : undefined;
  const overlapped = [
    ...(route === undefined ? [] : [describeRoute(showHolder('route', route, taken, settings))]),
    ...(server === undefined ? [] : [describeServer(showHolder('dns-server', server, taken, settings))]),
  ];
  return `subnet ${formatCidr(cidr)} overlaps the ${overlapped.join(' and the ')} of this host: every other subnet of the pools is in use`;
}

function describeRoute(route: PrefixHolder | Withheld): string {
  if (route === withheld) return 'routes';
  return `route ${formatCidr(route.prefix)}${route.name === undefined ? '' : ` through ${route.name}`}`;
}

function describeServer(server: PrefixHolder | Withheld): string {
  return server === withheld ? 'DNS servers' : `DNS server ${formatAddress(networkAddress(server.prefix))}`;
}

/** The order of the choice. A wanted prefix without a length comes last. */
export function shortestFirst(a: WantedPrefix, b: WantedPrefix): number {
  return (a.prefixBits ?? bitsOf(a.family)) - (b.prefixBits ?? bitsOf(b.family));
}

function byBase(a: { readonly base: Cidr }, b: { readonly base: Cidr }): number {
  return a.base.prefixBits - b.base.prefixBits;
}
