import path from 'node:path';
import type { Answer } from '../../support/client.js';
import { labelKeys, type CreateRequest, type DialectName, type Request } from './commands.js';
import { textOf, type Outcome } from './decisions.js';
import { idOf, type ModelFile } from './folder-model.js';
import { statusOf, wordsFor } from './refusals.js';
import { readers, show, unwrapReport } from './shown.js';

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

/** The request in its dialect. */
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
    case 'update': {
      const labels = Object.fromEntries(labelKeys.map((key) => [key, request.labels[key] ?? null]));
      return { method: 'PATCH', url: `/podnetd/v1/networks/${textOf(request.target)}`, body: { labels } };
    }
    case 'inspect':
      return { method: 'GET', url: `${base}/${textOf(request.target)}${dialect === 'compat' ? '' : '/json'}` };
    case 'exists':
      // Docker's dialect has no exists.
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

/** The essence of an answer as text, in the same words as the model's expectation. */
export function read(request: Request, answer: Answer): string {
  const { status } = answer;
  return JSON.stringify(
    status >= 300 ? { status, message: readMessage(answer) } : { status, ...readBody(request, answer) },
  );
}

/** @returns the text of {@link read} for the right answer */
export function expect(request: Request, outcome: Outcome): string {
  const { dialect } = request;
  if ('refused' in outcome) {
    const { refused, subject } = outcome;
    return JSON.stringify({ status: statusOf(request, refused), message: wordsFor(request, refused, subject) });
  }
  if ('made' in outcome) return JSON.stringify(expectMade(dialect, outcome.made));
  if ('updated' in outcome) return JSON.stringify({ status: 200, network: show(dialect, outcome.updated, false) });
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

function readBody(request: Request, answer: Answer): object {
  if (answer.status === 204) return {};
  const { dialect } = request;
  const body = answer.json();
  switch (request.kind) {
    case 'create':
      if (dialect === 'compat') return { id: (body as { readonly Id: string }).Id };
      if (dialect === 'libpod-v3') return { file: path.basename((body as { readonly Filename: string }).Filename) };
      return { network: readers[dialect](body) };
    case 'update':
      return { network: readers[dialect]((body as { readonly network: unknown }).network) };
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

/** The message without parts that podnetd does not promise: which of several networks clashes, the pools, and the folder of a file. */
function plain(message: string): string {
  return message
    .replace(/: (it overlaps|all in use in|neither podnetd nor) .*$/, '')
    .replace(/(already used by another network): .*$/, '$1')
    .replace(/^file .*\/([^/]+) already exists$/, 'file $1 already exists');
}
