import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, Edit, Request } from './commands.js';
import { read } from './dialects.js';
import { explainHistory, type Explanation } from './explain-history.js';
import type { Fleet } from './fleet.js';
import { specifyFolder, type FolderCall, type FolderOp } from './folder-history.js';
import { emptyFolder, type Folder } from './folder-model.js';
import { clear, doEdit, listFiles } from './outsider.js';
import { allIsWell, readFailures, type Circumstances } from './storage-failures.js';
import type { Tally } from './tally.js';

/** Attempts at a shorter plan, which fails again only by chance. */
export const attemptsAfterFailure = 15;

/** The commands of clients that run side by side. */
export interface Plan {
  readonly given: readonly Edit[];
  readonly clients: readonly (readonly Command[])[];
  /** Whether the lock is held until every client's first request waits for it, so that daemons decide on batches. */
  readonly crowded: boolean;
}

/** Steps around the clients. */
export interface Surroundings {
  readonly tally: Tally;
  /** Runs when the given files are there. */
  begin?(): Promise<void>;
  /** Runs before the last list of each daemon. */
  end?(): Promise<void>;
}

const list: Request = { kind: 'list', dialect: 'libpod-v4', filters: [] };

/** Milliseconds for requests to reach the wait for the lock. */
const crowdingMs = 10;
/** Milliseconds between clients, so that their requests mostly come in the order of the plan. */
const staggerMs = 2;

export async function runSideBySide(
  fleet: Fleet,
  plan: Plan,
  surroundings: Surroundings,
): Promise<readonly FolderCall[]> {
  clear(fleet.folder);
  const calls: FolderCall[] = [];
  let now = 0;
  const tick = () => (now += 1);
  const note = (op: FolderOp, calledAt: number) => calls.push({ op, calledAt, answeredAt: tick() });
  let id = 0;
  const act = async (command: Command) => {
    const calledAt = tick();
    if ('edit' in command) {
      doEdit(fleet.folder, command);
      note({ kind: 'edit', edit: command }, calledAt);
    } else if ('restart' in command) {
      await fleet.restart(command);
    } else {
      id += 1;
      const own = id;
      const answer = await fleet.ask(command);
      if (answer === undefined) return;
      if (answer !== 'cut') surroundings.tally.add(command.request, answer);
      const said =
        answer === 'cut'
          ? { seen: undefined, isRefusal: false, failures: [] }
          : { seen: read(command.request, answer), isRefusal: answer.status >= 300, failures: readFailures(answer) };
      note({ kind: 'ask', id: own, ...said, ...command }, calledAt);
    }
  };
  for (const edit of plan.given) await act(edit);
  await surroundings.begin?.();
  if (plan.crowded) await fleet.lock.acquire(new AbortController().signal);
  const working = plan.clients.map(async (commands, index) => {
    if (plan.crowded) await sleep(index * staggerMs);
    for (const command of commands) await act(command);
  });
  if (plan.crowded) {
    await sleep(crowdingMs + plan.clients.length * staggerMs);
    fleet.lock.release();
  }
  await Promise.all(working);
  await surroundings.end?.();
  for (let on = 0; on < fleet.size; on += 1) await act({ on, request: list });
  const calledAt = tick();
  note({ kind: 'scan', files: await settledFiles(fleet) }, calledAt);
  return calls;
}

/** Names of the files when no unfinished file is among them. */
async function settledFiles(fleet: Fleet): Promise<readonly string[]> {
  for (let tries = 0; tries < 500 && listFiles(fleet.folder).some((name) => name.startsWith('.')); tries += 1)
    await sleep(10);
  return listFiles(fleet.folder).toSorted();
}

/** @throws Error with the history and the longest order that was found, where no order explains all answers */
export function explain(calls: readonly FolderCall[], circumstances: Circumstances = allIsWell): Explanation<Folder> {
  const specification = specifyFolder(circumstances);
  const explanation = explainHistory(calls, emptyFolder, specification);
  const { explained, order, state } = explanation;
  if (explained) return explanation;
  throw new Error(
    `no order explains these answers\n${tellCalls(calls, order)}\nthe longest way ends with ${specification.describe(state)}`,
  );
}

export function tellCalls(calls: readonly FolderCall[], order: readonly number[] = []): string {
  const lines = calls.map(({ op, calledAt, answeredAt }, index) => {
    const steps = order.flatMap((call, at) => (call === index ? at : []));
    return `#${index} from ${calledAt} to ${answeredAt}, step ${steps.join(' and ') || 'none'}: ${JSON.stringify(op)}`;
  });
  return lines.join('\n');
}
