import { formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { rememberEach } from '../../model/remember-each.js';
import { withheld, type Withheld } from '../../model/withheld.js';
import type { Sight } from '../dependencies/draft.js';
import type { NetworkSettings, ReservedPrefix } from '../dependencies/settings.js';
import type { ClaimKind, TakenPrefixes } from './claims.js';

/** Whoever has a claim, and `fleet`: a pool of the fleet, beside the blocks of this host. */
export type HolderKind = ClaimKind | 'fleet';

/** Who has a prefix; a member that does not go with the kind, or that is not known, is undefined. */
export interface PrefixHolder {
  readonly kind: HolderKind;
  readonly prefix: Cidr;
  /** Name of the network, of the interface, or of the interface that the route leads through. */
  readonly name: string | undefined;
  /** Absolute path of the file that names the prefix. */
  readonly file: string | undefined;
  /** Why the prefix is reserved, in the administrator's own words. */
  readonly reason: string | undefined;
}

/** Who has a prefix, as far as a message may say it. @param prefix a member of the claim's prefixes, or the base of the fleet's pool */
export function showHolder(
  kind: HolderKind,
  prefix: Cidr,
  taken: Pick<TakenPrefixes, 'host' | 'userOf' | 'sight'>,
  settings: Pick<NetworkSettings, 'reserved'>,
): PrefixHolder | Withheld {
  const holder = findHolder(kind, prefix, taken, settings);
  return isShown(holder, taken.sight) ? holder : withheld;
}

function isShown({ kind, name }: PrefixHolder, sight: Sight): boolean {
  if (kind === 'network') return sight.seesNetwork(name);
  // The administrator's words and settings are for whoever asks.
  return kind === 'reserved' || kind === 'fleet' || sight.seesHost;
}

/**
 * The same for answers that are about the whole host, and that a client who may not see it never gets.
 *
 * @param prefix a member of the claim's prefixes, or the base of the fleet's pool
 */
export function describeHolder(
  kind: HolderKind,
  prefix: Cidr,
  taken: Pick<TakenPrefixes, 'host' | 'userOf' | 'sight'>,
  settings: Pick<NetworkSettings, 'reserved'>,
): PrefixHolder {
  if (!taken.sight.seesHost)
    throw new TypeError('an answer about the whole host is on its way to a client that may not see it');
  return findHolder(kind, prefix, taken, settings);
}

function findHolder(
  kind: HolderKind,
  prefix: Cidr,
  taken: Pick<TakenPrefixes, 'host' | 'userOf'>,
  { reserved }: Pick<NetworkSettings, 'reserved'>,
): PrefixHolder {
  const unknown = { kind, prefix, name: undefined, file: undefined, reason: undefined };
  switch (kind) {
    case 'network': {
      const user = taken.userOf(prefix);
      return { ...unknown, name: user?.network, file: user?.path };
    }
    case 'interface':
      return { ...unknown, name: taken.host.linkOfAddress(prefix) };
    case 'route':
      return { ...unknown, name: taken.host.linkOfRoute(prefix) };
    case 'reserved':
      return { ...unknown, reason: reasonsIn(reserved).get(formatCidr(prefix)) };
    case 'dns-server':
    case 'fleet':
      return unknown;
  }
}

/** The reason of each prefix, the first of several. */
const reasonsIn = rememberEach(
  (reserved: readonly ReservedPrefix[]): ReadonlyMap<string, string> =>
    new Map(reserved.toReversed().map(({ prefix, reason }) => [formatCidr(prefix), reason])),
);
