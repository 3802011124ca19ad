import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { formatLabelScope, isInScope, type LabelScope } from '../../model/label-scope.js';
import type { ChangedFacts, PlannedNetwork } from '../../model/network.js';
import { pickNetwork } from '../../model/pick-network.js';
import type { AttachmentView } from '../dependencies/attachments.js';
import type { Draft, HostFacts, NetworkWriter, PrefixUser, ReplacedNetwork, Sight } from '../dependencies/draft.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';
import { ScopedView } from './scoped-attachments.js';
import { withoutPath } from './without-path.js';

/** Runs decisions that find the networks of a label alone. */
export function scopeWriter(writer: NetworkWriter, scope: LabelScope): NetworkWriter {
  return {
    run: async (decide, wants) => await writer.run((draft) => decide(new ScopedDraft(draft, scope)), wants),
  };
}

/** A draft whose targets are the networks of a label. What is taken is taken by any network, and by whom is withheld. */
class ScopedDraft implements Draft {
  readonly sight: Sight = {
    seesNetwork: (name) => name !== undefined && this.get(name) !== undefined,
    seesBridge: (bridge) => [...this.networks()].some(({ network }) => network.networkInterface === bridge),
    seesHost: false,
  };

  constructor(
    private readonly all: Draft,
    private readonly scope: LabelScope,
  ) {}

  get revision(): string {
    throw new NetworkError('revisionWithheld', { scope: formatLabelScope(this.scope) });
  }

  find(nameOrId: string): StoredNetwork {
    return pickNetwork(nameOrId, this.get(nameOrId), () =>
      [...this.networks()].filter(({ network }) => network.id.startsWith(nameOrId)),
    );
  }

  get(name: string): StoredNetwork | undefined {
    const stored = this.all.get(name);
    return stored !== undefined && isInScope(stored.network, this.scope) ? stored : undefined;
  }

  *networks(): Generator<StoredNetwork> {
    for (const stored of this.all.networks()) if (isInScope(stored.network, this.scope)) yield stored;
  }

  get attachments(): AttachmentView {
    const view = withoutPath(() => this.all.attachments);
    return new ScopedView(view, new Set([...this.networks()].map(({ network }) => network.name)));
  }

  usersOf(network: StoredNetwork): readonly string[] {
    return withoutPath(() => this.all.usersOf(network));
  }

  get host(): HostFacts {
    return this.all.host;
  }

  get used(): PrefixSet {
    return this.all.used;
  }

  get routed(): PrefixSet {
    return this.all.routed;
  }

  userOf(prefix: Cidr): PrefixUser | undefined {
    return this.all.userOf(prefix);
  }

  hasName(name: string): boolean {
    return this.all.hasName(name);
  }

  hasBridge(bridge: string): boolean {
    return this.all.hasBridge(bridge);
  }

  freeDeviceNumber(isLive: (device: string) => boolean): number {
    return this.all.freeDeviceNumber(isLive);
  }

  add(planned: PlannedNetwork): () => StoredNetwork {
    const read = this.all.add(planned);
    return () => {
      try {
        return read();
      } catch (error) {
        // The file may be that of a network by another name.
        if (!(error instanceof NetworkError) || error.code !== 'fileExists') throw error;
        throw new NetworkError('nameUnavailable', { name: planned.name }, { cause: error });
      }
    };
  }

  replace(network: StoredNetwork, changed: ChangedFacts): () => ReplacedNetwork {
    return this.all.replace(network, changed);
  }

  remove(network: StoredNetwork): () => readonly string[] {
    return this.all.remove(network);
  }
}
