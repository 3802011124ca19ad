import { textOf } from './decisions.js';
import { idOf } from './folder-model.js';
import type { FolderCall, FolderOp } from './folder-history.js';

/** Checks whether the events of a daemon can have happened. */

export interface ToldEvent {
  readonly action: string;
  readonly name: string;
}

/** Events of one daemon from before the first client to after the last one. */
export interface ReportedEvents {
  readonly on: number;
  /** Names of the networks that the daemon showed before. */
  readonly before: readonly string[];
  readonly events: readonly ToldEvent[];
  readonly after: readonly string[];
}

type Ask = Extract<FolderOp, { readonly kind: 'ask' }>;

/** Requests that made and removed networks of a name, by their answers. */
interface Changes {
  /** Requests that may have made one. */
  readonly made: readonly Ask[];
  readonly removed: readonly Ask[];
}

/**
 * A daemon looks at the folder at moments of its choice. It may miss that a network came and went, but not its own changes; and it cannot see more
 * creates than there were, nor two in a row.
 *
 * @param names names of networks that no program without the lock has touched
 * @returns the first fault
 */
export function findFalseEvent(
  calls: readonly FolderCall[],
  reported: ReportedEvents,
  names: readonly string[],
): string | undefined {
  const asks = calls.flatMap(({ op }) => (op.kind === 'ask' && !op.isRefusal && op.seen !== undefined ? [op] : []));
  return names
    .map((name) => findFalseEventOf(name, reported, changesOf(name, asks)))
    .find((wrong) => wrong !== undefined);
}

function findFalseEventOf(name: string, reported: ReportedEvents, { made, removed }: Changes): string | undefined {
  const { on, before, events, after } = reported;
  const all = events.filter((event) => event.name === name).map(({ action }) => action);
  const text = `daemon ${on} said of ${name}: ${all.join(', ') || 'nothing'}`;
  let isThere = before.includes(name);
  for (const action of all) {
    if (action === 'update') {
      if (!isThere) return `${text}; an update while it was not there`;
      continue;
    }
    if ((action === 'create') === isThere) return `${text}; before it was ${before.includes(name) ? '' : 'not '}there`;
    isThere = !isThere;
  }
  if (isThere !== after.includes(name)) return `${text}; but it is ${after.includes(name) ? '' : 'not '}shown`;
  const count = (wanted: string) => all.filter((action) => action === wanted).length;
  const creates = count('create');
  if (creates > made.length) return `${text}; it was made ${made.length} times`;
  if (count('remove') > removed.length) return `${text}; it was removed ${removed.length} times`;
  const own = made.filter((ask) => ask.on === on && 'mayExist' in ask.request && !ask.request.mayExist).length;
  if (creates < own) return `${text}; it made it ${own} times itself`;
  return undefined;
}

function changesOf(name: string, asks: readonly Ask[]): Changes {
  return {
    made: asks.filter(({ request, seen = '' }) => request.kind === 'create' && nameOfMade(seen, name)),
    removed: asks.filter(({ request, seen = '' }) => {
      if (request.kind === 'remove') return [name, idOf(name)].some((text) => text.startsWith(textOf(request.target)));
      return (
        request.kind === 'prune' && (JSON.parse(seen) as { readonly pruned: readonly string[] }).pruned.includes(name)
      );
    }),
  };
}

/** Whether the answer to a create, in any dialect, is for a network of this name. */
function nameOfMade(seen: string, name: string): boolean {
  const { id, file, network } = JSON.parse(seen) as {
    readonly id?: string;
    readonly file?: string;
    readonly network?: { readonly name: string };
  };
  return id === idOf(name) || file === `${name}.conflist` || network?.name === name;
}
