import {
  poolBase,
  type CreateRequest,
  type Filter,
  type Labels,
  type Request,
  type Target,
  type UpdateRequest,
} from './commands.js';
import {
  defaultName,
  devicePrefix,
  filesAfter,
  idOf,
  shownAfter,
  shownIn,
  type Change,
  type Folder,
  type ModelFile,
} from './folder-model.js';
import { overlap } from './overlap.js';

/** Reason of a refusal. */
export type Refusal =
  | 'nameInvalid'
  | 'nameReserved'
  | 'nameUsed'
  | 'driverUnknown'
  | 'bridgeUsed'
  | 'subnetUsed'
  | 'subnetsExhausted'
  | 'notFound'
  | 'ambiguous'
  | 'default'
  | 'foreign'
  | 'foreignChange'
  | 'filterUnknown'
  | 'fileExists';

export type Outcome =
  | { readonly refused: Refusal; readonly subject: string }
  | { readonly made: ModelFile }
  | { readonly updated: ModelFile }
  | { readonly shown: ModelFile }
  | { readonly listed: readonly ModelFile[] }
  | { readonly removed: readonly ModelFile[] };

export interface Decision {
  readonly outcome: Outcome;
  readonly changes: readonly Omit<Change, 'by' | 'call'>[];
}

/** The text in the URL of a request. */
export function textOf({ name, idLength }: Target): string {
  return idLength === 0 ? name : idOf(name).slice(0, idLength);
}

/** The outcome of a request at this moment, and its changes to the folder. */
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
    case 'update':
      return update(shownAfter(files, changes), request);
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

function unchanged(outcome: Outcome): Decision {
  return { outcome, changes: [] };
}

function refuse(refused: Refusal, subject: string): Decision {
  return unchanged({ refused, subject });
}

function find(
  networks: readonly ModelFile[],
  { dialect, target }: { readonly dialect: string; readonly target: Target },
): Outcome {
  const text = textOf(target);
  // Docker's clients have another name for the default network.
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

function update(networks: readonly ModelFile[], request: UpdateRequest): Decision {
  const found = find(networks, request);
  if (!('shown' in found)) return unchanged(found);
  const file = found.shown;
  if (!file.isOwn) return refuse('foreignChange', file.name ?? '');
  if (JSON.stringify(file.labels) === JSON.stringify(request.labels)) return unchanged({ updated: file });
  // The default network has no file before its first change.
  const updated = { ...file, key: `${file.name}.conflist`, labels: request.labels };
  const change = updated.key === file.key ? { remove: file, add: updated } : { add: updated };
  return { outcome: { updated }, changes: [change] };
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
 * @param networks networks that are shown or being created
 * @param taken files whose names, bridges and subnets are taken
 */
function create(networks: readonly ModelFile[], taken: readonly ModelFile[], request: CreateRequest): Decision {
  const { dialect, name, subnet, labels, internal } = request;
  const bridge = dialect === 'libpod-v3' ? '' : request.bridge;
  const mtu = dialect === 'compat' ? 0 : request.mtu;
  if (name === 'host' && dialect !== 'libpod-v3') return refuse('nameReserved', name);
  const existing = networks.find((file) => name !== '' && file.name === name);
  if (dialect === 'libpod-v4' && request.mayExist && existing !== undefined) return unchanged({ made: existing });
  if (request.driver !== 'bridge') return refuse('driverUnknown', request.driver);
  if (/ /.test(name)) return refuse('nameInvalid', name);
  const hasName = (wanted: string) => taken.some((file) => file.name === wanted);
  const hasBridge = (wanted: string) => taken.some((file) => file.bridge === wanted);
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
