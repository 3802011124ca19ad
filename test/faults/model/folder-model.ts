import { createHash } from 'node:crypto';
import type { Edit, Labels } from './commands.js';

/**
 * A model of the folder and its possible changes, as simple as possible: no index, no cache, no arithmetic of our own. A change has two moments: its
 * decision, which one daemon at a time makes, and the moment in which each of its files comes or goes in sight of all.
 */

/** One file, or the default network, which exists without one. */
export interface ModelFile {
  /** Name of the file; lists have the order of these names. */
  readonly key: string;
  /** The name that the file takes, if any. */
  readonly name: string | undefined;
  readonly isNetwork: boolean;
  /** Whether podnetd or Podman wrote the file, so that it may be removed. */
  readonly isOwn: boolean;
  readonly subnets: readonly string[];
  readonly bridge: string | undefined;
  readonly labels: Labels;
  readonly internal: boolean;
  readonly mtu: number;
  /** Whether the network is kept apart from other isolated ones, as Docker's are. */
  readonly isolated: boolean;
}

/** A file that comes or goes, decided and not yet seen. */
export interface Change {
  /** The daemon that holds the lock for it. */
  readonly by: number;
  /** The call that caused the change. */
  readonly call: number;
  readonly add?: ModelFile;
  readonly remove?: ModelFile;
}

export interface Folder {
  readonly files: ReadonlyMap<string, ModelFile>;
  readonly changes: readonly Change[];
}

export const emptyFolder: Folder = { files: new Map(), changes: [] };

export const defaultName = 'podman';
export const devicePrefix = 'cni-podman';

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

/** The folder after a change has come into sight. @returns undefined where a file of that name has come meanwhile */
export function show({ files, changes }: Folder, change: Change): Folder | undefined {
  const after = new Map(files);
  if (change.remove !== undefined) after.delete(change.remove.key);
  if (change.add !== undefined) {
    if (after.has(change.add.key)) return undefined;
    after.set(change.add.key, change.add);
  }
  return { files: after, changes: changes.filter((other) => other !== change) };
}

/** The folder after an edit by a program without the lock. */
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

function inOrder(files: Iterable<ModelFile>): readonly ModelFile[] {
  return [...files].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** All files, with the default network where none of them defines it. */
function withDefault(files: Iterable<ModelFile>): readonly ModelFile[] {
  const ordered = inOrder(files);
  return ordered.some((file) => file.isNetwork && file.name === defaultName) ? ordered : [...ordered, fallback];
}

/** Each name once: the first file that defines it. */
export function shownIn(files: ReadonlyMap<string, ModelFile>): readonly ModelFile[] {
  const networks = withDefault(files.values()).filter(({ isNetwork }) => isNetwork);
  return networks.filter((file, index) => networks.findIndex(({ name }) => name === file.name) === index);
}

/** The networks on which a change is decided: without those that are being removed or created. */
export function shownAfter(files: ReadonlyMap<string, ModelFile>, changes: readonly Change[]): readonly ModelFile[] {
  const going = new Set(changes.map(({ remove }) => remove?.name));
  return shownIn(files).filter(({ name }) => !going.has(name));
}

/** All files after every decided change, whose names, bridges and subnets are taken. */
export function filesAfter(files: ReadonlyMap<string, ModelFile>, changes: readonly Change[]): readonly ModelFile[] {
  const going = new Set(changes.map(({ remove }) => remove?.key));
  const coming = changes.flatMap(({ add }) => add ?? []);
  return [...withDefault(files.values()).filter(({ key }) => !going.has(key)), ...coming];
}
