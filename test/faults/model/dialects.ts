import path from 'node:path';
import type { Answer } from '../../support/client.js';
import { dialects, type CreateRequest, type DialectName, type Request } from './commands.js';
import { defaultName, idOf, textOf, type ModelFile, type Outcome, type Refusal } from './folder-model.js';

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

/** How each dialect asks for it. */
export function write(request: Request): WireRequest {
  const { dialect } = request;
  const base = {
    compat: '/v1.41/networks',
    'libpod-v3': '/v3.2.0/libpod/networks',
    'libpod-v4': '/v4.3.1/libpod/networks',
  }[dialect];
  switch (request.kind) {
    case 'create':
      return { method: 'POST', ...writeCreation(base, request) };
    case 'inspect':
      return { method: 'GET', url: `${base}/${textOf(request.target)}${dialect === 'compat' ? '' : '/json'}` };
    case 'exists':
      // Docker has no such question.
      return { method: 'GET', url: `${base}/${textOf(request.target)}${dialect === 'compat' ? '' : '/exists'}` };
    case 'remove':
      return { method: 'DELETE', url: `${base}/${textOf(request.target)}` };
    case 'list':
      return { method: 'GET', url: `${base}${dialect === 'compat' ? '' : '/json'}${writeFilters(request.filters)}` };
    case 'prune':
      return { method: 'POST', url: `${base}/prune${writeFilters(request.filters)}` };
  }
}

function writeCreation(base: string, request: CreateRequest): Omit<WireRequest, 'method'> {
  const { dialect, name, subnet, bridge, driver, labels, mtu, internal, mayExist } = request;
  const options = mtu === 0 ? {} : { mtu: String(mtu) };
  if (dialect === 'libpod-v3') {
    const [address = '', bits = ''] = subnet.split('/');
    const mask = Buffer.alloc(address.includes(':') ? 16 : 4);
    for (let bit = 0; bit < Number(bits); bit += 1) mask[bit >> 3] = (mask[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
    const body = { Driver: driver, Labels: labels, Options: options, Internal: internal, DisableDNS: false };
    return {
      url: `${base}/create?name=${encodeURIComponent(name)}`,
      body: subnet === '' ? body : { ...body, Subnet: { IP: address, Mask: mask.toString('base64') } },
    };
  }
  if (dialect === 'libpod-v4') {
    return {
      url: `${base}/create${mayExist ? '?ignoreIfExists=true' : ''}`,
      body: {
        name,
        driver,
        network_interface: bridge,
        subnets: subnet === '' ? [] : [{ subnet }],
        labels,
        options,
        internal,
      },
    };
  }
  return {
    url: `${base}/create`,
    body: {
      Name: name,
      Driver: driver,
      IPAM: subnet === '' ? {} : { Config: [{ Subnet: subnet }] },
      Options: bridge === '' ? {} : { 'com.docker.network.bridge.name': bridge },
      Labels: labels,
      Internal: internal,
    },
  };
}

function writeFilters(filters: readonly { readonly key: string; readonly value: string }[]): string {
  if (filters.length === 0) return '';
  const json = JSON.stringify(Object.fromEntries(filters.map(({ key, value }) => [key, [value]])));
  return `?filters=${encodeURIComponent(json)}`;
}

/** The essence of an answer as text; what the model expects is told in the same words. */
export function read(request: Request, answer: Answer): string {
  const { status } = answer;
  return JSON.stringify(
    status >= 300 ? { status, message: readMessage(answer) } : { status, ...readBody(request, answer) },
  );
}

/** @returns what {@link read} makes of the right answer */
export function expect(request: Request, outcome: Outcome): string {
  const { dialect } = request;
  if ('refused' in outcome) {
    const { refused, subject } = outcome;
    return JSON.stringify({ status: statusOf(dialect, refused), message: wordsFor(request, refused, subject) });
  }
  if ('made' in outcome) return JSON.stringify(expectMade(dialect, outcome.made));
  if ('listed' in outcome)
    return JSON.stringify({ status: 200, networks: outcome.listed.map((file) => show(dialect, file, true)) });
  if ('shown' in outcome) {
    if (request.kind === 'exists' && dialect !== 'compat') return JSON.stringify({ status: 204 });
    const asDocker = 'target' in request && textOf(request.target) === 'bridge';
    return JSON.stringify({ status: 200, network: show(dialect, outcome.shown, asDocker) });
  }
  if (request.kind === 'prune') return JSON.stringify({ status: 200, pruned: outcome.removed.map(({ name }) => name) });
  if (dialect === 'compat') return JSON.stringify({ status: 204 });
  return JSON.stringify({ status: 200, removed: 'target' in request ? textOf(request.target) : '' });
}

function expectMade(dialect: DialectName, made: ModelFile): unknown {
  if (dialect === 'compat') return { status: 201, id: idOf(made.name ?? '') };
  if (dialect === 'libpod-v3') return { status: 200, file: made.key };
  return { status: 200, network: show(dialect, made, false) };
}

/** What every dialect tells of a network, in each one's own names. */
interface Shown {
  readonly name: string;
  readonly id: string;
  readonly subnets: readonly string[];
  readonly labels: unknown;
  readonly internal: boolean;
  readonly mtu: number;
  /** Docker's dialect tells neither. */
  readonly bridge: string | undefined;
  readonly isolated: boolean | undefined;
}

/** @param asDocker the default network has the name that Docker's clients know */
function show(dialect: DialectName, file: ModelFile, asDocker: boolean): Shown {
  const { name = '', subnets, labels, internal, mtu, bridge, isolated } = file;
  const isCompat = dialect === 'compat';
  return {
    name: isCompat && asDocker && name === defaultName ? 'bridge' : name,
    id: idOf(name),
    subnets,
    labels,
    internal,
    mtu,
    bridge: isCompat ? undefined : bridge,
    isolated: isCompat ? undefined : isolated,
  };
}

function readBody(request: Request, answer: Answer): object {
  if (answer.status === 204) return {};
  const { dialect } = request;
  const body = answer.json();
  switch (request.kind) {
    case 'create':
      if (dialect === 'compat') return { id: (body as { readonly Id: string }).Id };
      if (dialect === 'libpod-v3') return { file: path.basename((body as { readonly Filename: string }).Filename) };
      return { network: readers[dialect](body) };
    case 'inspect':
    case 'exists':
      return { network: readers[dialect](body) };
    case 'list': {
      const networks = (body as readonly unknown[]).map(dialect === 'libpod-v3' ? unwrapReport : (network) => network);
      return { networks: networks.map(readers[dialect]) };
    }
    case 'remove':
      return { removed: (body as readonly { readonly Name: string }[])[0]?.Name };
    case 'prune':
      if (dialect === 'compat')
        return { pruned: (body as { readonly NetworksDeleted: readonly string[] }).NetworksDeleted };
      return { pruned: ((body ?? []) as readonly { readonly Name: string }[]).map(({ Name }) => Name) };
  }
}

function readMessage(answer: Answer): string {
  const { message } = answer.json() as { readonly message: string };
  return plain(message);
}

/** Without what is no promise: with which of several the clash is, where the pools are, in which folder a file lies. */
function plain(message: string): string {
  return message
    .replace(/: (it overlaps|all in use in|neither podnetd nor) .*$/, '')
    .replace(/(already used by another network): .*$/, '$1')
    .replace(/^file .*\/([^/]+) already exists$/, 'file $1 already exists');
}

interface CompatShape {
  readonly Name: string;
  readonly Id: string;
  readonly Labels: unknown;
  readonly Internal: boolean;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
  readonly Options: { readonly mtu?: string };
}

interface V4Shape {
  readonly name: string;
  readonly id: string;
  readonly network_interface: string;
  readonly internal: boolean;
  readonly labels?: unknown;
  readonly options?: { readonly mtu?: string; readonly isolate?: string };
  readonly subnets?: readonly { readonly subnet: string }[];
}

interface Conflist {
  readonly name: string;
  readonly args?: { readonly podman_labels?: unknown };
  readonly plugins: readonly {
    readonly bridge: string;
    readonly isGateway?: boolean;
    readonly mtu?: number;
    readonly ingressPolicy?: string;
    readonly ipam: { readonly ranges: readonly (readonly { readonly subnet: string }[])[] };
  }[];
}

/** libpod 3 lists the bytes of the files. */
function unwrapReport(report: unknown): unknown {
  const { Bytes } = report as { readonly Bytes: string };
  return JSON.parse(Buffer.from(Bytes, 'base64').toString()) as unknown;
}

const readers: Readonly<Record<DialectName, (body: unknown) => Shown>> = {
  compat(body) {
    const { Name, Id, Labels, Internal, IPAM, Options } = body as CompatShape;
    return {
      name: Name,
      id: Id,
      subnets: IPAM.Config.map(({ Subnet }) => Subnet),
      labels: Labels,
      internal: Internal,
      mtu: Number(Options.mtu ?? 0),
      bridge: undefined,
      isolated: undefined,
    };
  },
  'libpod-v3'(body) {
    const { name, args, plugins } = body as Conflist;
    const [first] = plugins;
    return {
      name,
      id: idOf(name),
      subnets: (first?.ipam.ranges ?? []).flat().map(({ subnet }) => subnet),
      labels: args?.podman_labels ?? {},
      internal: first?.isGateway !== true,
      mtu: first?.mtu ?? 0,
      bridge: first?.bridge,
      isolated: plugins.some(({ ingressPolicy }) => ingressPolicy === 'same-bridge'),
    };
  },
  'libpod-v4'(body) {
    const { name, id, network_interface: bridge, internal, labels, options, subnets } = body as V4Shape;
    return {
      name,
      id,
      subnets: (subnets ?? []).map(({ subnet }) => subnet),
      labels: labels ?? {},
      internal,
      mtu: Number(options?.mtu ?? 0),
      bridge,
      isolated: options?.isolate === 'true',
    };
  },
};

/** Docker's, libpod 3's, libpod 4's. */
const statuses: Readonly<Record<Refusal, readonly [number, number, number]>> = {
  nameInvalid: [400, 500, 400],
  nameReserved: [403, 500, 403],
  nameUsed: [409, 500, 409],
  nameDiffers: [409, 500, 409],
  driverUnknown: [501, 500, 400],
  bridgeUsed: [409, 500, 409],
  subnetUsed: [409, 500, 409],
  subnetsExhausted: [400, 500, 409],
  notFound: [404, 404, 404],
  ambiguous: [400, 500, 409],
  default: [403, 500, 403],
  foreign: [403, 500, 403],
  filterUnknown: [500, 500, 500],
  fileExists: [409, 500, 409],
};

function statusOf(dialect: DialectName, refusal: Refusal): number {
  return statuses[refusal][dialects.indexOf(dialect)] ?? 0;
}

function wordsFor({ dialect, kind }: Request, refusal: Refusal, subject: string): string {
  const isOfPodman3 = dialect === 'libpod-v3';
  switch (refusal) {
    case 'nameInvalid':
      return `network name ${subject} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`;
    case 'nameReserved':
      return `cannot create network with name "${subject}" because it conflicts with a valid network mode`;
    case 'nameUsed':
      if (isOfPodman3) return `the network name ${subject} is already used`;
      return `network name ${subject} already used: network already exists`;
    case 'nameDiffers':
      return `network name ${subject} already used by another network`;
    case 'driverUnknown':
      return isOfPodman3 ? `driver '${subject}' is not supported` : `unsupported driver ${subject}: invalid argument`;
    case 'bridgeUsed':
      return `bridge name ${subject} already in use`;
    case 'subnetUsed':
      if (isOfPodman3) return `network ${subject} is already being used by a cni configuration`;
      return `subnet ${subject} is already used on the host or by another config`;
    case 'subnetsExhausted':
      return 'could not find free subnet from subnet pools';
    case 'notFound':
      if (dialect !== 'compat' && kind !== 'remove') return 'network not found';
      if (isOfPodman3) return `unable to find network configuration for ${subject}: network not found`;
      return `unable to find network with name or ID ${subject}: network not found`;
    case 'ambiguous': {
      const text = `more than one result for network ID ${subject}`;
      if (kind !== 'inspect' || dialect === 'compat') return text;
      return `${isOfPodman3 ? 'error ' : ''}inspecting network ${subject}: ${text}`;
    }
    case 'default':
      return `default network ${subject} cannot be removed`;
    case 'foreign':
      return `network ${subject} cannot be removed`;
    case 'filterUnknown':
      return `invalid filter "${subject}"`;
    case 'fileExists':
      return `file ${subject} already exists`;
  }
}
