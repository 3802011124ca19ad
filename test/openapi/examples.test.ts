import t from 'tap';
import { exampleContainer, exampleNetwork } from '../../src/api/example-story.js';
import { dialects } from '../../src/server/app.js';
import { endpointId, nameNetns, networkId } from '../../src/model/names.js';
import { readDocument } from '../support/openapi-document.js';

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly example?: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const documents = dialects.map(({ name }) => ({ dialect: name, ...(readDocument(name) as Document) }));

/** The values that have this key, at any depth. */
function* findAll(value: unknown, key: string): Generator {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === key) yield inner;
    else yield* findAll(inner, key);
  }
}

t.test('the names of the examples make the ids of the examples', async (t) => {
  const { name, id, netns, interface: ifName } = exampleContainer;
  t.equal(exampleNetwork.id, networkId(exampleNetwork.name));
  t.strictSame({ id, name }, nameNetns(netns));
  t.equal(exampleContainer.endpointId, endpointId({ networkName: exampleNetwork.name, containerId: id, ifName }));
  t.ok(exampleContainer.ipnet.startsWith(`${exampleContainer.address}/`));
});

for (const { dialect, paths } of documents) {
  const operations = Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ template, method, operation })),
  );

  t.test(`${dialect}: every parameter of a path has the network of the examples`, async (t) => {
    const named = operations.filter(({ template }) => template.includes('{'));
    t.ok(named.length > 3);
    for (const { operation } of named) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      t.strictSame(
        inPath.map(({ example }) => example),
        [exampleNetwork.name],
        operation.operationId,
      );
    }
  });

  t.test(`${dialect}: every id of an example is one of the story`, async (t) => {
    const known = new Set([exampleNetwork.id, exampleContainer.id, exampleContainer.endpointId]);
    const examples = JSON.stringify([...findAll(paths, 'examples'), ...findAll(paths, 'example')]);
    const ids = [...examples.matchAll(/"([0-9a-f]{12}|[0-9a-f]{64})"/g)].map(([, id]) => id ?? '');
    t.ok(ids.length > 0);
    t.strictSame(
      ids.filter((id) => !known.has(id)),
      [],
    );
  });

  const events = paths['/events']?.['get'];
  if (events === undefined) continue;
  t.test(`${dialect}: the events are those of the story, in its order`, async (t) => {
    const examples = [...findAll(events.responses['200'], 'examples')].find((found) => !Array.isArray(found));
    const written = Object.entries(examples as Record<string, { value: Record<string, unknown> }>);
    const actions = written.map(([action]) => action);
    t.strictSame(actions.slice(0, 3), ['create', 'connect', 'disconnect']);
    t.match(actions[3], /^(remove|destroy)$/);
    const times = written.map(([, { value }]) => Number(value['timeNano']));
    t.strictSame(
      times,
      times.toSorted((a, b) => a - b),
      'the times rise',
    );
    t.equal(new Date((times[0] ?? 0) / 1e6).toISOString(), new Date(exampleNetwork.created).toISOString());
    for (const [action, { value }] of written) {
      t.equal(value['Action'], action);
      if (action !== 'prune') t.match(JSON.stringify(value), exampleNetwork.name);
      if (action.endsWith('connect')) t.match(JSON.stringify(value), exampleContainer.id);
    }
  });
}

t.test('a ping without body is documented beside the one with', async (t) => {
  const pings = documents.flatMap(({ dialect, paths }) =>
    paths['/_ping'] ? [[dialect, paths['/_ping']] as const] : [],
  );
  t.strictSame(
    pings.map(([dialect]) => dialect),
    ['compat', 'libpod-v3', 'libpod-v4'],
  );
  for (const [dialect, { get, head }] of pings) {
    t.match(get?.responses, { '200': { content: { 'text/plain': {} }, headers: { 'Api-Version': {} } } }, dialect);
    t.match(head?.responses, { '200': { headers: { 'Api-Version': {} } } }, dialect);
    t.notOk(JSON.stringify(head?.responses).includes('content'), 'it has no body');
  }
});
