import * as fc from 'fast-check';

export const dialects = ['compat', 'libpod-v3', 'libpod-v4'] as const;
export type DialectName = (typeof dialects)[number];

/** How a caller names a network. */
export interface Target {
  readonly name: string;
  /** Characters of its id; 0: the name itself. */
  readonly idLength: number;
}

export type Labels = Readonly<Record<string, string>>;

export interface CreateRequest {
  readonly kind: 'create';
  readonly dialect: DialectName;
  /** Empty: the network is named after its device. */
  readonly name: string;
  /** Empty: a free one. */
  readonly subnet: string;
  /** Empty: a free one. libpod 3 cannot ask for one. */
  readonly bridge: string;
  readonly driver: 'bridge' | 'bogus';
  readonly labels: Labels;
  /** 0: none asked for. Not asked for in Docker's dialect, which echoes its options word for word. */
  readonly mtu: number;
  readonly internal: boolean;
  /** `ignoreIfExists`, of libpod 4 alone. */
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

export type Request = CreateRequest | LookRequest | ManyRequest;

/** A request to one of the daemons. */
export interface Asking {
  readonly on: number;
  readonly request: Request;
}

/** What somebody without a lock does to the folder. */
export interface Edit {
  readonly edit: 'put' | 'unlink';
  /** Podman's own, one whose name is not its file's, another program's, a single plugin, or no JSON. */
  readonly shape: 'own' | 'misnamed' | 'foreign' | 'single' | 'broken';
  readonly name: string;
  readonly subnet: string;
  readonly bridge: string;
  readonly labels: Labels;
  /** Written over the file that is there, not put in its place. */
  readonly inPlace: boolean;
}

export interface Restart {
  readonly restart: 'SIGTERM' | 'SIGKILL';
  readonly on: number;
}

export type Command = Asking | Edit | Restart;

/** Few, so that they meet: one that is also the beginning of ids, and one that is also a device's. */
const names = ['ma', 'ma', 'b', 'cni-podman1', 'mb'];
/** Another device's, and the default network's. */
const rareNames = ['cni-podman2', 'podman'];
/** Four blocks, so that they run out. */
export const poolBase = '10.77.0.0/22';
/** Within the pool, across its blocks, beside it, in the default network's, and IPv6. */
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
  // One fault at a time: which of two is told first is each dialect's own affair.
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
  { weight: 3, arbitrary: looking('inspect') },
  { weight: 2, arbitrary: looking('exists') },
  { weight: 4, arbitrary: asking('list', listFilters) },
  { weight: 1, arbitrary: asking('prune', labelFilters) },
);

/** Half of the time the first one, so that requests meet within a daemon and between daemons. */
const onDaemon = (daemons: number) => fc.oneof(fc.constant(0), fc.integer({ min: 0, max: daemons - 1 }));

/** @param inPlace whether files are also written over: a reader in another process may see such an edit half done */
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

/** What Podman may have made before. */
export const anyOwnFiles: fc.Arbitrary<readonly Edit[]> = fc
  .uniqueArray(anyEdit(false), { maxLength: 3, selector: ({ name }) => name })
  .map((edits) => edits.map((edit) => ({ ...edit, edit: 'put', shape: 'own' })));

const anyRestart = (daemons: number): fc.Arbitrary<Restart> =>
  record({ restart: fc.constantFrom('SIGTERM', 'SIGKILL'), on: onDaemon(daemons) });

/** @param edits whether files are also written over */
export function anyCommand(daemons: number, edits: { readonly inPlace: boolean }): fc.Arbitrary<Command> {
  return fc.oneof<fc.WeightedArbitrary<Command>[]>(
    { weight: 60, arbitrary: record({ on: onDaemon(daemons), request: anyRequest }) },
    { weight: 15, arbitrary: anyEdit(edits.inPlace) },
    { weight: 1, arbitrary: anyRestart(daemons) },
  );
}

/** Several that have all that a new network would like to have. */
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
