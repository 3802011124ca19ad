import { isInScope, type LabelScope } from '../../model/label-scope.js';
import { pickNetwork } from '../../model/pick-network.js';
import { rememberEach } from '../../model/remember-each.js';
import type { FileProblem, NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';

/** The networks that have a label, as if the folder had no others. */
export class ScopedReader implements NetworkReader {
  readonly #select: (networks: readonly StoredNetwork[]) => readonly StoredNetwork[];

  constructor(
    private readonly all: NetworkReader,
    scope: LabelScope,
  ) {
    // The same array for the same one, by which printed answers are kept.
    this.#select = rememberEach((networks) => networks.filter(({ network }) => isInScope(network, scope)));
  }

  async list(): Promise<readonly StoredNetwork[]> {
    return this.#select(await this.all.list());
  }

  /** Among the networks of the scope alone, so that no other one takes a name from them or makes an id ambiguous. */
  async find(nameOrId: string): Promise<StoredNetwork> {
    const networks = await this.list();
    const named = networks.find(({ network }) => network.name === nameOrId);
    return pickNetwork(nameOrId, named, () => networks.filter(({ network }) => network.id.startsWith(nameOrId)));
  }

  /** A file that is no network has no label. */
  async problems(): Promise<readonly FileProblem[]> {
    return await Promise.resolve([]);
  }
}
