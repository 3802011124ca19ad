import path from 'node:path';
import t from 'tap';
import type { DialectName } from '../../src/api/address.js';
import { exampleContainer, exampleNetwork } from '../../src/api/example-story.js';
import { startDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { readDocument } from '../support/openapi-document.js';
import { missing } from '../support/tools.js';

/**
 * The examples of a document are sent in the order of their story, from the create to the remove: each answer is the example of the answer,
 * but for times.
 */

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'mount', 'nsenter', 'unshare', `${pluginDir}/bridge`, `${pluginDir}/dnsname`);

interface Media {
  readonly content?: Readonly<Record<string, { readonly example?: unknown; readonly examples?: Examples }>>;
}
type Examples = Readonly<Record<string, { readonly value: unknown }>>;

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly example?: unknown }[];
  readonly requestBody?: Media;
  readonly responses: Readonly<Record<string, Media>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** An operation with the status of its answer and the name of its example; none for an answer without JSON. */
type Step = readonly [method: string, template: string, status: number, example?: string];

interface Story {
  readonly dialect: DialectName;
  readonly prefix: string;
  /** Which of the examples of its bodies is sent, where there are several. */
  readonly bodies: { readonly create: number; readonly connect: number };
  readonly steps: readonly Step[];
}

const stories: readonly Story[] = [
  {
    dialect: 'compat',
    prefix: '/v1.56',
    bodies: { create: 0, connect: 1 },
    steps: [
      ['post', '/networks/create', 201, 'created'],
      ['get', '/networks', 200, 'networks'],
      ['get', '/networks/{id}', 200, 'network'],
      ['post', '/networks/{id}/connect', 200],
      ['get', '/networks/{id}', 200, 'used'],
      ['post', '/networks/{id}/disconnect', 200],
      ['delete', '/networks/{id}', 204],
    ],
  },
  {
    dialect: 'libpod-v3',
    prefix: '/v3.2.0/libpod',
    bodies: { create: 0, connect: 0 },
    steps: [
      ['post', '/networks/create', 200, 'created'],
      ['get', '/networks/json', 200, 'networks'],
      ['get', '/networks/{name}/json', 200, 'network'],
      ['get', '/networks/{name}/exists', 204],
      ['post', '/networks/{name}/connect', 200],
      ['post', '/networks/{name}/disconnect', 200],
      ['delete', '/networks/{name}', 200, 'removed'],
    ],
  },
  {
    dialect: 'libpod-v4',
    prefix: '/v5.4.2/libpod',
    bodies: { create: 0, connect: 0 },
    steps: [
      ['post', '/networks/create', 200, 'network'],
      ['get', '/networks/json', 200, 'networks'],
      ['post', '/networks/{name}/connect', 200],
      ['get', '/networks/{name}/json', 200, 'version5'],
      ['post', '/networks/{name}/disconnect', 200],
      ['post', '/networks/prune', 200, 'pruned'],
    ],
  },
  {
    dialect: 'podnetd',
    prefix: '/podnetd',
    bodies: { create: 0, connect: 1 },
    steps: [
      ['get', '/v1/attachments', 200, 'none'],
      ['post', '/v1/networks/{name}/connect', 200, 'connected'],
      ['get', '/v1/networks/{name}/attachments', 200, 'one'],
      ['post', '/v1/networks/{name}/disconnect', 204],
      ['post', '/v1/networks/{name}/gc', 200, 'none'],
    ],
  },
];

for (const { dialect, prefix, bodies, steps } of stories) {
  t.test(`the story of ${dialect}`, { skip }, async (t) => {
    const host = await makeHost(t);
    // In a folder that no other test sees, the namespace may have the name of the examples.
    for (const [program, ...args] of [
      ['mount', '-t', 'tmpfs', 'tmpfs', path.dirname(exampleContainer.netns)],
      ['ip', 'netns', 'add', exampleContainer.name],
    ] as const) {
      const { code, stderr } = await host.run(program, args);
      t.equal(code, 0, stderr);
    }
    // host-local has its leases there.
    const args = ['--cni-plugin-dir', pluginDir, '--cni-cache-dir', '/var/lib/cni'];
    const daemon = await startDaemon(t, { netns: host, args });
    const { paths } = readDocument(dialect) as Document;
    if (dialect === 'podnetd') {
      const made = await daemon.ask('POST', '/networks/create', { Name: exampleNetwork.name });
      t.equal(made.status, 201, made.text);
    }
    for (const [method, template, status, example] of steps) {
      const operation = paths[template]?.[method];
      const [action = ''] = template.split('/').slice(-1);
      const url = `${prefix}${writeUrl(template, operation, action)}`;
      const body = pickBody(operation, bodies[action as keyof typeof bodies] ?? 0);
      const answer = await daemon.ask(method.toUpperCase(), url, body);
      t.equal(answer.status, status, `${method} ${url}: ${answer.text}`);
      if (example === undefined) continue;
      const documented = operation?.responses[status]?.content?.['application/json']?.examples?.[example];
      t.strictSame(settle(answer.json()), settle(documented?.value), `${method} ${url} as in the example ${example}`);
    }
    const [events] = Object.values(paths['/events']?.['get']?.responses['200']?.content ?? {});
    if (events === undefined) return;
    const { text } = await daemon.ask('GET', `${prefix}/events?stream=false`);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => settle(JSON.parse(line)));
    const known = Object.values(events.examples ?? {}).map(({ value }) => settle(value));
    t.strictSame(lines, known.slice(0, lines.length), 'the events of it are those of the examples');
    t.ok(lines.length >= 4);
  });
}

/** With the examples of its parameters. A filter stands for the list alone: the other operations are about the one network. */
function writeUrl(template: string, operation: Operation | undefined, action: string): string {
  const filled = template.replace(/\{(\w+)\}/, (_, name: string) => {
    return String(operation?.parameters?.find((parameter) => parameter.name === name)?.example);
  });
  const query = (operation?.parameters ?? [])
    .filter(({ in: place, name }) => place === 'query' && ['filters', 'name'].includes(name) && action !== 'prune')
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`);
  return [filled, ...query].join('?');
}

function pickBody(operation: Operation | undefined, at: number): unknown {
  const [media] = Object.values(operation?.requestBody?.content ?? {});
  return media?.example ?? Object.values(media?.examples ?? {})[at]?.value;
}

/** Takes out what differs from run to run: times, and the folder of the files. */
function settle(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => {
      if (['Created', 'created', 'time', 'timeNano'].includes(key)) return typeof inner;
      return key === 'Filename' ? path.basename(String(inner)) : inner;
    }),
  );
}
