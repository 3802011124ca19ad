import { createHash } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import {
  poolBase,
  type CreateRequest,
  type Edit,
  type Filter,
  type Labels,
  type Request,
  type Target,
} from './commands.js';

/**
 * What the folder is and what may become of it, in the simplest words: no index, no cache, no arithmetic of our own. A change has two points:
 * where it is decided, which only one daemon does at a time, and where each of its files comes or goes for all to see.
 */

/** One file, or the default network that is there without one. */
export interface ModelFile {
  /** Name of the file; files are told in this order. */
  readonly key: string;
  /** The name that it takes, if any. */
  readonly name: string | undefined;
  readonly isNetwork: boolean;
  /** It is one that podnetd or Podman wrote, and may be removed. */
  readonly isOwn: boolean;
  readonly subnets: readonly string[];
  readonly bridge: string | undefined;
  readonly labels: Labels;
  readonly internal: boolean;
  readonly mtu: number;
  /** Kept from other such networks, as Docker's are. */
  readonly isolated: boolean;
}

/** A file that comes or goes, decided and not yet seen. */
export interface Change {
  /** The daemon that holds the lock for it. */
  readonly by: number;
  /** The call that asked for it. */
  readonly call: number;
  readonly add?: ModelFile;
  readonly remove?: ModelFile;
}

export interface Folder {
  readonly files: ReadonlyMap<string, ModelFile>;
  readonly changes: readonly Change[];
}

export const emptyFolder: Folder = { files: new Map(), changes: [] };

/** Why a request is refused, and what is said to be the matter. */
export type Refusal =
  | 'nameInvalid'
  | 'nameReserved'
  | 'nameUsed'
  | 'nameDiffers'
  | 'driverUnknown'
  | 'bridgeUsed'
  | 'subnetUsed'
  | 'subnetsExhausted'
  | 'notFound'
  | 'ambiguous'
  | 'default'
  | 'foreign'
  | 'filterUnknown'
  | 'fileExists';

export type Outcome =
  | { readonly refused: Refusal; readonly subject: string }
  | { readonly made: ModelFile }
  | { readonly shown: ModelFile }
  | { readonly listed: readonly ModelFile[] }
  | { readonly removed: readonly ModelFile[] };

export interface Decision {
  readonly outcome: Outcome;
  readonly changes: readonly Omit<Change, 'by' | 'call'>[];
}

export const defaultName = 'podman';
const devicePrefix = 'cni-podman';

const fallback: ModelFile = {
  key: '\uffff',
  name: defaultName,
  isNetwork: true,
  isOwn: true,
  subnets: ['10.88.0.0/16'],
  bridge: `${devicePrefix}0`,
  labels: {},
  internal: false,
  mtu: 0,
  isolated: false,
};

export function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** What a caller writes into the URL. */
export function textOf({ name, idLength }: Target): string {
  return idLength === 0 ? name : idOf(name).slice(0, idLength);
}

/** What a request is answered now, and what that brings about. */
export function decide({ files, changes }: Folder, request: Request): Decision {
  switch (request.kind) {
    case 'inspect':
    case 'exists':
      return unchanged(find(shownIn(files), request));
    case 'list':
      return unchanged(list(shownIn(files), request.dialect, request.filters));
    case 'create':
      return create(
        [...shownAfter(files, changes), ...changes.flatMap(({ add }) => add ?? [])],
        filesAfter(files, changes),
        request,
      );
    case 'remove':
      return remove(shownAfter(files, changes), request);
    case 'prune': {
      const outcome = list(shownAfter(files, changes), request.dialect, request.filters);
      if (!('listed' in outcome)) return unchanged(outcome);
      const removed = outcome.listed.filter(({ isOwn, name }) => isOwn && name !== defaultName);
      return { outcome: { removed }, changes: removed.map((file) => ({ remove: file })) };
    }
  }
}

/** A change is seen. @returns undefined where a file of that name has come meanwhile, so that it is not made */
export function show({ files, changes }: Folder, change: Change): Folder | undefined {
  const after = new Map(files);
  if (change.remove !== undefined) after.delete(change.remove.key);
  if (change.add !== undefined) {
    if (files.has(change.add.key)) return undefined;
    after.set(change.add.key, change.add);
  }
  return { files: after, changes: changes.filter((other) => other !== change) };
}

/** What somebody without a lock has done. */
export function applyEdit({ files, changes }: Folder, edit: Edit): Folder {
  const after = new Map(files);
  const file = fileOf(edit);
  if (edit.edit === 'put') after.set(file.key, file);
  else after.delete(file.key);
  return { files: after, changes };
}

export function fileOf({ shape, name, subnet, bridge, labels }: Edit): ModelFile {
  const keys = {
    own: `${name}.conflist`,
    misnamed: `50-${name}.conflist`,
    foreign: `00-${name}.conflist`,
    single: `10-${name}.conf`,
    broken: `${name}.conflist`,
  };
  const isBroken = shape === 'broken';
  return {
    key: keys[shape],
    name: isBroken ? undefined : name,
    isNetwork: shape !== 'broken' && shape !== 'single',
    isOwn: shape === 'own',
    subnets: isBroken ? [] : [subnet],
    bridge: isBroken ? undefined : bridge,
    labels: shape === 'own' || shape === 'misnamed' ? labels : {},
    internal: false,
    mtu: 0,
    isolated: false,
  };
}

/** A text that is the same for the same folder. */
export function describeFolder({ files, changes }: Folder): string {
  return JSON.stringify([
    inOrder(files.values()),
    changes.map(({ by, call, add, remove }) => [by, call, add, remove?.key]),
  ]);
}

function unchanged(outcome: Outcome): Decision {
  return { outcome, changes: [] };
}

function refuse(refused: Refusal, subject: string): Decision {
  return unchanged({ refused, subject });
}

function inOrder(files: Iterable<ModelFile>): readonly ModelFile[] {
  return [...files].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** All files, with the default network where none of them defines it. */
function withDefault(files: Iterable<ModelFile>): readonly ModelFile[] {
  const ordered = inOrder(files);
  return ordered.some((file) => file.isNetwork && file.name === defaultName) ? ordered : [...ordered, fallback];
}

/** Each name once: the first file that defines it. */
function shownIn(files: ReadonlyMap<string, ModelFile>): readonly ModelFile[] {
  const networks = withDefault(files.values()).filter(({ isNetwork }) => isNetwork);
  return networks.filter((file, index) => networks.findIndex(({ name }) => name === file.name) === index);
}

/** What is decided on: names that are about to go are gone, and what is about to come is not yet there. */
function shownAfter(files: ReadonlyMap<string, ModelFile>, changes: readonly Change[]): readonly ModelFile[] {
  const going = new Set(changes.map(({ remove }) => remove?.name));
  return shownIn(files).filter(({ name }) => !going.has(name));
}

/** What is taken once everything decided is done. */
function filesAfter(files: ReadonlyMap<string, ModelFile>, changes: readonly Change[]): readonly ModelFile[] {
  const going = new Set(changes.map(({ remove }) => remove?.key));
  const coming = changes.flatMap(({ add }) => add ?? []);
  return [...withDefault(files.values()).filter(({ key }) => !going.has(key)), ...coming];
}

function find(
  networks: readonly ModelFile[],
  { dialect, target }: { readonly dialect: string; readonly target: Target },
): Outcome {
  const text = textOf(target);
  // Docker's clients know the default network by another name.
  const wanted = dialect === 'compat' && text === 'bridge' ? defaultName : text;
  const named = networks.find(({ name }) => name === wanted);
  if (named !== undefined) return { shown: named };
  const [found, ...more] = networks.filter(({ name = '' }) => idOf(name).startsWith(wanted));
  if (found === undefined) return { refused: 'notFound', subject: wanted };
  return more.length > 0 ? { refused: 'ambiguous', subject: wanted } : { shown: found };
}

function remove(networks: readonly ModelFile[], request: Parameters<typeof find>[1]): Decision {
  const found = find(networks, request);
  if (!('shown' in found)) return unchanged(found);
  const file = found.shown;
  if (file.name === defaultName) return refuse('default', defaultName);
  if (!file.isOwn) return refuse('foreign', file.name ?? '');
  return { outcome: { removed: [file] }, changes: [{ remove: file }] };
}

function list(networks: readonly ModelFile[], dialect: string, filters: readonly Filter[]): Outcome {
  const isOfPodman3 = dialect === 'libpod-v3';
  const unknown = filters.find(({ key }) => isOfPodman3 && (key === 'dangling' || key === 'label!'));
  if (unknown !== undefined) return { refused: 'filterUnknown', subject: unknown.key };
  const matches = (file: ModelFile, { key, value }: Filter) => {
    const name = file.name ?? '';
    switch (key) {
      case 'name':
        return new RegExp(value).test(name) || (dialect === 'compat' && name === defaultName && /b/.test(value));
      case 'id':
        return isOfPodman3 ? idOf(name).includes(value) : idOf(name).startsWith(value);
      case 'label':
        return hasLabel(file.labels, value);
      case 'label!':
        return !hasLabel(file.labels, value);
      case 'driver':
        return value === 'bridge';
      case 'dangling':
        return (name !== defaultName) === (value === 'true');
    }
  };
  return { listed: networks.filter((file) => filters.every((filter) => matches(file, filter))) };
}

function hasLabel(labels: Labels, text: string): boolean {
  const [key = '', value] = text.split('=');
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}

/**
 * @param networks that are shown, and those that are about to be
 * @param taken all that take names, bridges and subnets
 */
function create(networks: readonly ModelFile[], taken: readonly ModelFile[], request: CreateRequest): Decision {
  const { dialect, name, subnet, labels, internal } = request;
  const bridge = dialect === 'libpod-v3' ? '' : request.bridge;
  const mtu = dialect === 'compat' ? 0 : request.mtu;
  if (request.driver !== 'bridge') return refuse('driverUnknown', request.driver);
  if (name === 'host' && dialect !== 'libpod-v3') return refuse('nameReserved', name);
  if (/ /.test(name)) return refuse('nameInvalid', name);
  const hasName = (wanted: string) => taken.some((file) => file.name === wanted);
  const hasBridge = (wanted: string) => taken.some((file) => file.bridge === wanted);
  if (dialect === 'libpod-v4' && request.mayExist && name !== '') {
    const found = networks.find((file) => file.name === name);
    if (found !== undefined) {
      const isSame =
        found.internal === internal &&
        found.mtu === mtu &&
        !found.isolated &&
        (bridge === '' || found.bridge === bridge) &&
        (subnet === '' || found.subnets.join() === subnet) &&
        JSON.stringify(found.labels) === JSON.stringify(labels);
      return isSame ? unchanged({ made: found }) : refuse('nameDiffers', name);
    }
  }
  if (name !== '' && hasName(name)) return refuse('nameUsed', name);
  if (bridge !== '' && hasBridge(bridge)) return refuse('bridgeUsed', bridge);
  const device = freeDevice((candidate) => hasName(candidate) || hasBridge(candidate));
  const used = taken.flatMap((file) => file.subnets);
  if (subnet !== '' && used.some((other) => overlap(other, subnet))) return refuse('subnetUsed', subnet);
  const chosen = subnet || poolBlocks.find((block) => !used.some((other) => overlap(other, block)));
  if (chosen === undefined) return refuse('subnetsExhausted', '');
  const made: ModelFile = {
    key: `${name || device}.conflist`,
    name: name || device,
    isNetwork: true,
    isOwn: true,
    subnets: [chosen],
    bridge: bridge || device,
    labels,
    internal,
    mtu,
    isolated: dialect === 'compat',
  };
  return { outcome: { made }, changes: [{ add: made }] };
}

/** The lowest number that neither a network nor a bridge is called after; 0 is the default network's. */
function freeDevice(isTaken: (device: string) => boolean): string {
  for (let number = 1; ; number += 1) if (!isTaken(`${devicePrefix}${number}`)) return `${devicePrefix}${number}`;
}

const poolBlocks = [0, 1, 2, 3].map((third) => poolBase.replace('.0.0/22', `.${third}.0/24`));

/** Two prefixes overlap where one has the first address of the other. */
function overlap(a: string, b: string): boolean {
  return contains(a, b) || contains(b, a);
}

const known = new Map<string, boolean>();

function contains(outer: string, inner: string): boolean {
  const question = `${outer} ${inner}`;
  const answer = known.get(question) ?? look(outer, inner);
  known.set(question, answer);
  return answer;
}

function look(outer: string, inner: string): boolean {
  const [network = '', bits = ''] = outer.split('/');
  const [first = ''] = inner.split('/');
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family(network));
  return block.check(first, family(first));
}
