import { textOf } from './decisions.js';
import { idOf } from './folder-model.js';
import type { FolderCall, FolderOp } from './folder-history.js';

/** Whether what a daemon says happened can have happened. */

export interface ToldEvent {
  readonly action: string;
  readonly name: string;
}

/** What one daemon said from before the first client to after the last. */
export interface ToldEvents {
  readonly on: number;
  /** Names of the networks that it showed before. */
  readonly before: readonly string[];
  readonly events: readonly ToldEvent[];
  readonly after: readonly string[];
}

type Ask = Extract<FolderOp, { readonly kind: 'ask' }>;

/** How often networks of a name came and went, as the answers have it. */
interface Changes {
  /** At the most. */
  readonly made: readonly Ask[];
  readonly removed: readonly Ask[];
}

/**
 * A daemon looks at the folder at moments of its choice, so it may miss that a network came and went, but it cannot see it come twice, nor
 * more often than it came; and it does not miss its own changes.
 *
 * @param names of networks that nobody without a lock has touched
 * @returns the first thing that is wrong
 */
export function findFalseEvent(
  calls: readonly FolderCall[],
  told: ToldEvents,
  names: readonly string[],
): string | undefined {
  const asks = calls.flatMap(({ op }) => (op.kind === 'ask' && !op.isRefusal && op.seen !== undefined ? [op] : []));
  return names.map((name) => findFalseEventOf(name, told, changesOf(name, asks))).find((wrong) => wrong !== undefined);
}

function findFalseEventOf(name: string, told: ToldEvents, { made, removed }: Changes): string | undefined {
  const { on, before, events, after } = told;
  const actions = events.filter((event) => event.name === name).map(({ action }) => action);
  const text = `daemon ${on} said of ${name}: ${actions.join(', ') || 'nothing'}`;
  let isThere = before.includes(name);
  for (const action of actions) {
    if ((action === 'create') === isThere) return `${text}; before it was ${before.includes(name) ? '' : 'not '}there`;
    isThere = !isThere;
  }
  if (isThere !== after.includes(name)) return `${text}; but it is ${after.includes(name) ? '' : 'not '}shown`;
  const count = (wanted: string) => actions.filter((action) => action === wanted).length;
  const creates = actions.length - count('remove');
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

/** Each dialect says it otherwise. */
function nameOfMade(seen: string, name: string): boolean {
  const { id, file, network } = JSON.parse(seen) as {
    readonly id?: string;
    readonly file?: string;
    readonly network?: { readonly name: string };
  };
  return id === idOf(name) || file === `${name}.conflist` || network?.name === name;
}
