import type { DiskFault } from '../../support/faulty-disk.js';
import type { Asking, CreateRequest, Edit, LookRequest, ManyRequest } from './commands.js';
import type { FaultyPlan } from './faulty-plans.js';

/** The shortest plans of earlier faults, which are tried before random ones. */

const create = (name: string, more: Partial<CreateRequest> = {}): Asking => ({
  on: 0,
  request: {
    kind: 'create',
    dialect: 'libpod-v4',
    name,
    subnet: '',
    bridge: '',
    driver: 'bridge',
    labels: {},
    mtu: 0,
    internal: false,
    mayExist: false,
    ...more,
  },
});
const look = (kind: LookRequest['kind'], name: string, on = 0): Asking => ({
  on,
  request: { kind, dialect: 'compat', target: { name, idLength: 0 } },
});
const all = (kind: ManyRequest['kind'], on = 0): Asking => ({
  on,
  request: { kind, dialect: 'libpod-v4', filters: [] },
});
const given = (...names: readonly string[]): readonly Edit[] =>
  names.map((name, index) => ({
    edit: 'put',
    shape: 'own',
    name,
    subnet: `10.77.${index}.0/24`,
    bridge: `cni-podman${index + 1}`,
    labels: {},
    inPlace: false,
  }));
const together = (
  ...clients: FaultyPlan['clients']
): Pick<FaultyPlan, 'clients' | 'crowded' | 'given' | 'unreadable'> => ({
  given: [],
  clients,
  crowded: true,
  unreadable: [],
});
const onFirst = (...faults: readonly DiskFault[]): Pick<FaultyPlan, 'disks'> => ({ disks: [faults, []] });
const slowAndFailing = (error: string) =>
  onFirst({ call: 'fsync', on: 'folder', delayMs: 150 }, { call: 'fsync', on: 'folder', error });

export const knownPlans: readonly FaultyPlan[] = [
  // A create is planned on a removal that then fails, so a bridge and a subnet are given twice.
  {
    ...together([look('remove', 'ma')], [create('b')], [create('mb')]),
    given: given('ma'),
    ...onFirst({ call: 'rename', on: 'ma.conflist', error: 'EBUSY' }),
  },
  // A create of the same name is planned on a removal that then fails.
  {
    ...together([look('remove', 'ma')], [create('ma')], [create('ma')]),
    given: given('ma'),
    ...onFirst({ call: 'rename', on: 'ma.conflist', error: 'EBUSY' }),
  },
  // A create is refused because of another create that then fails.
  ...(['link', 'stat', 'fstat', 'fsync'] as const).map((call) => ({
    ...together([create('ma')], [create('ma')]),
    ...onFirst({ call, on: 'ma.conflist', error: 'ENOSPC' }),
  })),
  // A removal removes a network that was not made.
  {
    ...together([create('ma')], [look('remove', 'ma')], [look('remove', 'ma')]),
    ...onFirst({ call: 'link', on: 'ma.conflist', error: 'EIO' }),
  },
  // A prune throws midway, and its planned removals are done with the create beside it.
  { ...together([all('prune')], [create('mb')]), given: given('b', 'ma'), unreadable: ['ma'], ...onFirst() },
  // A change that is not durable is shown, and then fails.
  { ...together([create('ma')], [all('list'), all('list', 1), look('inspect', 'ma')]), ...slowAndFailing('EIO') },
  {
    ...together([look('remove', 'ma')], [all('list', 1), all('list'), look('inspect', 'ma')]),
    given: given('ma'),
    ...slowAndFailing('ENOSPC'),
  },
  {
    ...together([all('prune')], [create('mb')], [create('cni-podman1')]),
    given: given('b', 'ma'),
    ...onFirst({ call: 'unlink', on: 'temporary', error: 'EIO' }),
  },
];
