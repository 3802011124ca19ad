import { PrefixSet } from '../../ip/prefix-set.js';
import { PrefixUnion } from '../../ip/prefix-union.js';
import { rememberEach } from '../../model/remember-each.js';
import type { Taken } from '../dependencies/draft.js';
import type { NetworkSettings, ReservedPrefix } from '../dependencies/settings.js';

export type ClaimKind = 'network' | 'interface' | 'reserved' | 'route' | 'dns-server';

/** The names and prefixes of {@link Taken} that a decision about subnets reads. */
export type TakenPrefixes = Pick<Taken, 'used' | 'routed' | 'host' | 'sight' | 'userOf'>;

/** The prefixes that one kind of holder has. */
export interface Claim {
  readonly kind: ClaimKind;
  readonly prefixes: PrefixSet;
  /** Whether podnetd chooses one of these prefixes when no other is free. */
  readonly yields: boolean;
}

/** Every claim that a subnet from the pools respects. Where several have a prefix, messages name the first. */
export function claimsOn({ used, host }: TakenPrefixes, settings: NetworkSettings): readonly Claim[] {
  const { avoidRoutes, avoidDnsServers } = settings;
  return [
    { kind: 'network', prefixes: used, yields: false },
    { kind: 'interface', prefixes: host.addresses, yields: false },
    { kind: 'reserved', prefixes: reservedSet(settings.reserved), yields: false },
    { kind: 'route', prefixes: avoidRoutes ? host.routes : PrefixSet.empty, yields: true },
    { kind: 'dns-server', prefixes: avoidDnsServers ? host.dnsServers : PrefixSet.empty, yields: true },
  ];
}

/** The claims that leave no choice. */
export function firmClaims(claims: readonly Claim[]): readonly Claim[] {
  return claims.filter(({ yields }) => !yields);
}

/** One set for the prefixes of several claims; settings remember the last, because few prefixes change between two decisions. */
export function joinClaims(claims: readonly Claim[], settings: NetworkSettings): PrefixSet {
  const key = claims.map(({ kind }) => kind).join();
  const unions = unionsOf.get(settings) ?? new Map<string, PrefixUnion>();
  unionsOf.set(settings, unions);
  const union = unions.get(key) ?? new PrefixUnion();
  unions.set(key, union);
  return union.join(claims.map(({ prefixes }) => prefixes));
}

const unionsOf = new WeakMap<NetworkSettings, Map<string, PrefixUnion>>();

const reservedSet = rememberEach((reserved: readonly ReservedPrefix[]) =>
  reserved.reduce((sum, { prefix }) => sum.add(prefix), PrefixSet.empty),
);
