import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkFilter } from '../../model/filters/filters.js';
import type { Draft, NetworkWriter } from '../dependencies/draft.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';
import { isOvertaken, maxTries } from './check-removable.js';
import { filterSubjectOf } from '../filter/filter-subject.js';

export interface PruneOutcome {
  /** Undefined for an error that kept the rest from being looked at. */
  readonly network: StoredNetwork | undefined;
  /** Why it is still there. */
  readonly error: NetworkError | undefined;
  /** Of one that is gone. */
  readonly warnings: readonly string[];
}

/** Nobody waits for thousands of removals: neither other programs for the lane, nor readers for the event loop. */
const mostAtOnce = 100;

/**
 * Removes what no container uses: neither the default network nor what others wrote. What matches is judged and removed at one moment, a
 * hundred networks at a time.
 *
 * @throws NetworkError storage, busy, when nothing was removed before
 */
export async function pruneNetworks(
  writer: NetworkWriter,
  defaultNetwork: string,
  filter: NetworkFilter,
): Promise<readonly PruneOutcome[]> {
  const outcomes: PruneOutcome[] = [];
  const judged = new Set<string>();
  const tries = new Map<string, number>();
  const overtaken = new Set<string>();
  /** Once all were looked at, those that were overtaken are looked at again, and none that came since. */
  let retried: ReadonlySet<string> | undefined;
  const isLeft = (name: string) => !judged.has(name) && (retried === undefined || retried.has(name));
  for (;;) {
    try {
      const { looked, found } = await writer.run((draft) => {
        const { removing, ...rest } = removeSome(draft, defaultNetwork, filter, isLeft);
        return () => ({ ...rest, found: removing.map(({ network, read }) => ({ network, ...outcomeOf(read) })) });
      });
      for (const name of looked) judged.add(name);
      for (const outcome of found) {
        const { name } = outcome.network.network;
        const tried = (tries.get(name) ?? 0) + 1;
        tries.set(name, tried);
        if (isOvertaken(outcome.error) && tried < maxTries) overtaken.add(name);
        else outcomes.push(outcome);
      }
      if (found.length === mostAtOnce) continue;
      if (overtaken.size === 0) return outcomes;
      retried = new Set(overtaken);
      for (const name of overtaken) judged.delete(name);
      overtaken.clear();
    } catch (error) {
      if (!(error instanceof NetworkError) || outcomes.length === 0) throw error;
      return [...outcomes, { network: undefined, error, warnings: [] }];
    }
  }
}

/** Whether a prune takes a network, by who is on it now. */
export function isPrunable(
  network: StoredNetwork,
  users: Pick<Draft, 'usersOf'>,
  defaultNetwork: string,
  filter: NetworkFilter,
): boolean {
  const subject = filterSubjectOf(network, defaultNetwork, (stored) => users.usersOf(stored));
  return !network.foreign && filter(subject) && !subject.isInUse();
}

interface Removing {
  readonly network: StoredNetwork;
  readonly read: () => readonly string[];
}

/** @param isLeft whether a network is to be looked at @returns with the names of those that were */
function removeSome(
  draft: Draft,
  defaultNetwork: string,
  filter: NetworkFilter,
  isLeft: (name: string) => boolean,
): { readonly removing: readonly Removing[]; readonly looked: readonly string[] } {
  const removing: Removing[] = [];
  const looked: string[] = [];
  for (const network of draft.networks()) {
    const { name } = network.network;
    if (!isLeft(name)) continue;
    looked.push(name);
    if (!isPrunable(network, draft, defaultNetwork, filter)) continue;
    removing.push({ network, read: draft.remove(network) });
    if (removing.length === mostAtOnce) break;
  }
  return { removing, looked };
}

function outcomeOf(read: () => readonly string[]): Omit<PruneOutcome, 'network'> {
  try {
    return { error: undefined, warnings: read() };
  } catch (error) {
    if (error instanceof NetworkError) return { error, warnings: [] };
    throw error;
  }
}
