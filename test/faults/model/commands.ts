import * as fc from 'fast-check';

export const dialects = ['compat', 'libpod-v3', 'libpod-v4'] as const;
export type DialectName = (typeof dialects)[number];

/** A network as a caller names it. */
export interface Target {
  readonly name: string;
  /** Number of characters of the id; 0 for the name itself. */
  readonly idLength: number;
}

export type Labels = Readonly<Record<string, string>>;

export interface CreateRequest {
  readonly kind: 'create';
  readonly dialect: DialectName;
  /** Empty for a network that is named after its device. */
  readonly name: string;
  /** Empty for a free subnet. */
  readonly subnet: string;
  /** Empty for a free bridge. A request of libpod 3 has no bridge. */
  readonly bridge: string;
  readonly driver: 'bridge' | 'bogus';
  readonly labels: Labels;
  /** 0 for none. Docker's dialect has none here, because it echoes its options word for word. */
  readonly mtu: number;
  readonly internal: boolean;
  /** `ignoreIfExists`, only of libpod 4. */
  readonly mayExist: boolean;
}

export interface LookRequest {
  readonly kind: 'inspect' | 'exists' | 'remove';
  readonly dialect: DialectName;
  readonly target: Target;
}

export interface Filter {
  readonly key: 'name' | 'id' | 'label' | 'label!' | 'driver' | 'dangling';
  readonly value: string;
}

export interface ManyRequest {
  readonly kind: 'list' | 'prune';
  readonly dialect: DialectName;
  readonly filters: readonly Filter[];
}

/** A patch of podnetd's own dialect, whose answer shows the network as libpod 4 does. */
export interface UpdateRequest {
  readonly kind: 'update';
  readonly dialect: 'libpod-v4';
  readonly target: Target;
  /** All labels of the network to be. */
  readonly labels: Labels;
}

export type Request = CreateRequest | LookRequest | ManyRequest | UpdateRequest;

/** A request to one of the daemons. */
export interface Asking {
  readonly on: number;
  readonly request: Request;
}

/** A change to the folder by a program that takes no lock. */
export interface Edit {
  readonly edit: 'put' | 'unlink';
  /** A file as Podman's, with a name that is not the file's, as another program's, with a single plugin, or with broken JSON. */
  readonly shape: 'own' | 'misnamed' | 'foreign' | 'single' | 'broken';
  readonly name: string;
  readonly subnet: string;
  readonly bridge: string;
  readonly labels: Labels;
  /** Whether the file is written over, not replaced. */
  readonly inPlace: boolean;
}

export interface Restart {
  readonly restart: 'SIGTERM' | 'SIGKILL';
  readonly on: number;
}

export type Command = Asking | Edit | Restart;

/** Few names, so that requests meet; one is also a prefix of ids, and one is also a device's name. */
const names = ['ma', 'ma', 'b', 'cni-podman1', 'mb'];
/** Another device's name, and the default network's. */
const rareNames = ['cni-podman2', 'podman'];
/** A pool of four blocks, so that they run out. */
export const poolBase = '10.77.0.0/22';
/** Subnets within the pool, across its blocks, beside it, within the default network's, and of IPv6. */
const subnets = [
  '10.77.0.0/24',
  '10.77.1.0/24',
  '10.77.2.128/25',
  '10.77.2.0/23',
  '10.78.0.0/24',
  '10.88.3.0/24',
  'fd77::/64',
];
const bridges = ['cni-podman1', 'br-a', 'br-b'];
const labels = [{}, { team: 'x' }, { team: 'y' }, { team: 'x', tier: '1' }];
/** Every key of a label. */
export const labelKeys = ['team', 'tier'];

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });
const anyDialect = fc.constantFrom(...dialects);
const anyName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constantFrom(...rareNames) },
);
const anyLabels = fc.constantFrom<Labels>(...labels);
const rarely = (weight: number, value: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant('') }, { weight, arbitrary: value });

const creating: fc.Arbitrary<CreateRequest> = record({
  kind: fc.constant('create' as const),
  dialect: anyDialect,
  name: fc.oneof(
    { weight: 20, arbitrary: anyName },
    { weight: 5, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('no way', 'host') },
  ),
  subnet: rarely(3, fc.constantFrom(...subnets)),
  bridge: rarely(1, fc.constantFrom(...bridges)),
  driver: fc.constant('bridge' as const),
  labels: anyLabels,
  mtu: fc.constantFrom(0, 0, 1400),
  internal: fc.boolean(),
  mayExist: fc.boolean(),
}).chain((request) =>
  // One fault at a time, because each dialect reports another of two faults first.
  fc.oneof(
    { weight: 30, arbitrary: fc.constant(request) },
    { weight: 1, arbitrary: fc.constant({ ...request, name: 'ma', driver: 'bogus' as const }) },
  ),
);

const anyTarget: fc.Arbitrary<Target> = record({
  name: fc.oneof({ weight: 8, arbitrary: anyName }, { weight: 1, arbitrary: fc.constantFrom('bridge', 'nobody') }),
  idLength: fc.constantFrom(0, 0, 0, 1, 2, 12, 64),
});

const looking = (kind: LookRequest['kind']): fc.Arbitrary<LookRequest> =>
  record({ kind: fc.constant(kind), dialect: anyDialect, target: anyTarget });

const updating: fc.Arbitrary<UpdateRequest> = record({
  kind: fc.constant('update' as const),
  dialect: fc.constant('libpod-v4' as const),
  target: anyTarget,
  labels: anyLabels,
});

const labelFilters: readonly Filter[] = [
  { key: 'label', value: 'team' },
  { key: 'label', value: 'team=x' },
  { key: 'label!', value: 'team=y' },
];
const listFilters: readonly Filter[] = [
  ...labelFilters,
  { key: 'name', value: '^m' },
  { key: 'name', value: 'b' },
  { key: 'id', value: '2' },
  { key: 'driver', value: 'bridge' },
  { key: 'driver', value: 'macvlan' },
  { key: 'dangling', value: 'true' },
  { key: 'dangling', value: 'false' },
];
const asking = (kind: ManyRequest['kind'], filters: readonly Filter[]): fc.Arbitrary<ManyRequest> =>
  record({
    kind: fc.constant(kind),
    dialect: anyDialect,
    filters: fc.uniqueArray(fc.constantFrom(...filters), { maxLength: 2, selector: ({ key }) => key }),
  });

const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  { weight: 10, arbitrary: creating },
  { weight: 4, arbitrary: looking('remove') },
  { weight: 4, arbitrary: updating },
  { weight: 3, arbitrary: looking('inspect') },
  { weight: 2, arbitrary: looking('exists') },
  { weight: 4, arbitrary: asking('list', listFilters) },
  { weight: 1, arbitrary: asking('prune', labelFilters) },
);

/** The first daemon half of the time, so that requests meet within a daemon and between daemons. */
const onDaemon = (daemons: number) => fc.oneof(fc.constant(0), fc.integer({ min: 0, max: daemons - 1 }));

/** @param inPlace whether edits also write over files, which a reader in another process may see half done */
const anyEdit = (inPlace: boolean): fc.Arbitrary<Edit> =>
  record({
    edit: fc.constantFrom('put', 'put', 'unlink'),
    shape: fc.constantFrom('own', 'own', 'misnamed', 'foreign', 'single', 'broken'),
    name: anyName,
    subnet: fc.constantFrom(...subnets),
    bridge: fc.constantFrom('cni-podman1', 'cni-podman2', ...bridges),
    labels: anyLabels,
    inPlace: inPlace ? fc.boolean() : fc.constant(false),
  });

/** Files that Podman may have made before. */
export const anyOwnFiles: fc.Arbitrary<readonly Edit[]> = fc
  .uniqueArray(anyEdit(false), { maxLength: 3, selector: ({ name }) => name })
  .map((edits) => edits.map((edit) => ({ ...edit, edit: 'put', shape: 'own' })));

const anyRestart = (daemons: number): fc.Arbitrary<Restart> =>
  record({ restart: fc.constantFrom('SIGTERM', 'SIGKILL'), on: onDaemon(daemons) });

/** @param edits whether edits also write over files */
export function anyCommand(daemons: number, edits: { readonly inPlace: boolean }): fc.Arbitrary<Command> {
  return fc.oneof<fc.WeightedArbitrary<Command>[]>(
    { weight: 60, arbitrary: record({ on: onDaemon(daemons), request: anyRequest }) },
    { weight: 15, arbitrary: anyEdit(edits.inPlace) },
    { weight: 1, arbitrary: anyRestart(daemons) },
  );
}

/** Networks that have the names, subnets and bridges that new ones would get. */
export const anyRivals: fc.Arbitrary<readonly Edit[]> = fc
  .uniqueArray(record({ name: fc.constantFrom(...names), labels: anyLabels }), {
    minLength: 1,
    maxLength: 3,
    size: 'max',
    selector: ({ name }) => name,
  })
  .map((rivals) =>
    rivals.map((rival, index) => ({
      edit: 'put',
      shape: 'own',
      ...rival,
      subnet: `10.77.${index}.0/24`,
      bridge: `cni-podman${index + 1}`,
      inPlace: false,
    })),
  );

const busyKinds: readonly fc.WeightedArbitrary<Request>[] = [
  { weight: 8, arbitrary: creating },
  { weight: 6, arbitrary: looking('remove') },
  { weight: 3, arbitrary: updating },
  { weight: 3, arbitrary: asking('prune', labelFilters.slice(0, 1)) },
  { weight: 3, arbitrary: asking('list', listFilters) },
  { weight: 4, arbitrary: looking('inspect') },
  { weight: 1, arbitrary: looking('exists') },
];

/** As {@link anyCommand}, with more changes of the same networks, and no daemon that ends. */
export function anyBusyCommand(daemons: number): fc.Arbitrary<Asking | Edit> {
  return fc.oneof<fc.WeightedArbitrary<Asking | Edit>[]>(
    { weight: 20, arbitrary: record({ on: onDaemon(daemons), request: fc.oneof(...busyKinds) }) },
    { weight: 1, arbitrary: anyEdit(false) },
  );
}
