import type { Cidr } from '../../model/address.js';
import type { UsedPrefix } from '../dependencies/draft.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import type { ClaimKind, TakenPrefixes } from './claims.js';

/** Who has a prefix; a member that does not go with the kind, or that is not known, is undefined. */
export interface PrefixHolder {
  readonly kind: ClaimKind;
  readonly prefix: Cidr;
  /** Name of the network, of the interface, or of the interface that the route leads through. */
  readonly name: string | undefined;
  /** Absolute path of the file that names the prefix. */
  readonly file: string | undefined;
  /** Why the prefix is reserved, in the administrator's own words. */
  readonly reason: string | undefined;
}

/** Finds the names of holders. The first name of a network takes a look at every network; no other does. */
export class Holders {
  /** By the base as a number, which prefixes of few networks share. */
  #networks: ReadonlyMap<number, readonly UsedPrefix[]> | undefined;

  constructor(
    private readonly taken: TakenPrefixes,
    private readonly settings: NetworkSettings,
  ) {}

  /** @param prefix a member of the claim's prefixes */
  describe(kind: ClaimKind, prefix: Cidr): PrefixHolder {
    const unknown = { kind, prefix, name: undefined, file: undefined, reason: undefined };
    switch (kind) {
      case 'network': {
        const holder = this.#networksAt(prefix).find((used) => isSame(used.prefix, prefix));
        return { ...unknown, name: holder?.network, file: holder?.path };
      }
      case 'interface':
        return { ...unknown, name: this.taken.host.linkOfAddress(prefix) };
      case 'route':
        return { ...unknown, name: this.taken.host.linkOfRoute(prefix) };
      case 'reserved':
        return { ...unknown, reason: this.settings.reserved.find((other) => isSame(other.prefix, prefix))?.reason };
      case 'dns-server':
        return unknown;
    }
  }

  #networksAt({ base }: Cidr): readonly UsedPrefix[] {
    this.#networks ??= groupByBase(this.taken.holders());
    return this.#networks.get(Number(base)) ?? [];
  }
}

function groupByBase(holders: Iterable<UsedPrefix>): ReadonlyMap<number, readonly UsedPrefix[]> {
  const groups = new Map<number, UsedPrefix[]>();
  for (const used of holders) {
    const key = Number(used.prefix.base);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [used]);
    else group.push(used);
  }
  return groups;
}

function isSame(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.base === b.base && a.prefixBits === b.prefixBits;
}
