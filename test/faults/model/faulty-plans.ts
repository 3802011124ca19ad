import * as fc from 'fast-check';
import type { DiskFault } from '../../support/faulty-disk.js';
import { anyBusyCommand, anyRivals, type Command, type Edit } from './commands.js';
import type { Plan } from './side-by-side.js';

/** Plans in which disks fail. */

export interface FaultyPlan extends Plan {
  /** The disk of each daemon. */
  readonly disks: readonly (readonly DiskFault[])[];
  /** Networks whose leases cannot be read. */
  readonly unreadable: readonly string[];
}

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });

const fileNames = ['ma.conflist', 'ma.conflist', 'b.conflist', 'cni-podman1.conflist', 'any'];
/** Files on which a call may fail, so that the remaining calls can take the change back. */
const failing = {
  rename: fileNames,
  link: fileNames,
  stat: fileNames,
  fstat: fileNames,
  fsync: [...fileNames, 'folder', 'folder', 'folder', 'folder'],
  unlink: ['temporary'],
} as const;
const calls = [
  'rename',
  'rename',
  'rename',
  'link',
  'link',
  'stat',
  'fstat',
  'fsync',
  'fsync',
  'fsync',
  'unlink',
] as const;

const anyError = fc.constantFrom('EIO', 'ENOSPC', 'EBUSY');
const anyTimes = fc.constantFrom<Pick<DiskFault, 'times'>[]>({}, {}, {}, { times: 1 }, { times: 2 });

const anyFailure: fc.Arbitrary<DiskFault> = fc
  .constantFrom(...calls)
  .chain((call) =>
    record({ call: fc.constant(call), on: fc.constantFrom<string[]>(...failing[call]), error: anyError }),
  )
  .chain((fault) => anyTimes.map((times) => ({ ...fault, ...times })));

/** Slow calls give other requests time. They come first in the list, because the call that fails is slow, too. */
const anyDelays: fc.Arbitrary<readonly DiskFault[]> = fc.constantFrom<(readonly DiskFault[])[]>(
  [],
  [],
  [{ call: 'fsync', on: 'folder', delayMs: 10 }],
  [{ call: 'fsync', on: 'folder', delayMs: 80 }],
  [{ call: 'rename', on: 'any', delayMs: 15 }],
);

const anyDisk: fc.Arbitrary<readonly DiskFault[]> = fc
  .tuple(anyDelays, fc.array(anyFailure, { maxLength: 1, size: 'max' }))
  .map((parts) => parts.flat());

export function anyFaultyPlan(daemons: number): fc.Arbitrary<FaultyPlan> {
  return anyRivals
    .chain((given) =>
      record({
        ...anyClients(daemons, given),
        disks: fc.array(anyDisk, { minLength: daemons, maxLength: daemons }),
        unreadable: fc.subarray(
          given
            .map(({ name }) => name)
            .toSorted()
            .slice(-1),
        ),
      }),
    )
    .map((plan) => (mayOvertake(plan) ? without(plan, isPrune) : plan));
}

/** Whether a prune may find that a file was replaced. It then looks again, and so has more than one moment. */
function mayOvertake({ clients, disks }: FaultyPlan): boolean {
  return clients.flat().some((command) => 'edit' in command) || disks.flat().some(({ call }) => call === 'stat');
}

function isPrune(command: Command): boolean {
  return 'request' in command && command.request.kind === 'prune';
}

function without(plan: FaultyPlan, isOut: (command: Command) => boolean): FaultyPlan {
  return { ...plan, clients: plan.clients.map((commands) => commands.filter((command) => !isOut(command))) };
}

/** A disk that can neither sync the folder nor take a change back. */
const anyStuckDisk: fc.Arbitrary<readonly DiskFault[]> = fc
  .record({ call: fc.constantFrom('rename', 'link', 'unlink'), times: anyTimes })
  .map(({ call, times }) => [
    { call: 'fsync', on: 'folder', error: 'EIO', ...times },
    { call, on: 'any', error: 'EIO', undo: true },
  ]);

/** Plans without edits by programs that take no lock. */
export function anyStuckPlan(daemons: number): fc.Arbitrary<FaultyPlan> {
  const anyDisks = fc.array(fc.oneof(anyStuckDisk, fc.constant([])), { minLength: daemons, maxLength: daemons });
  return anyRivals
    .chain((given) => record({ ...anyClients(daemons, given), disks: anyDisks, unreadable: fc.constant([]) }))
    .map((plan) => without(plan, (command) => 'edit' in command));
}

function anyClients(daemons: number, given: readonly Edit[]) {
  const anyClient = fc.array(anyBusyCommand(daemons), { maxLength: 4, size: 'max' });
  return {
    given: fc.constant(given),
    clients: fc.array(anyClient, { minLength: 2, maxLength: 6, size: 'max' }),
    crowded: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  };
}
