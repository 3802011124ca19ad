import type { TSchema } from '@sinclair/typebox';
import t from 'tap';
import { CompatCreateBody } from '../../src/api/compat/schemas.js';
import { V3CreateBody } from '../../src/api/libpod-v3/schemas.js';
import { V4CreateBody } from '../../src/api/libpod-v4/schemas.js';
import { shapeOf } from '../../src/api/go/schema-walk.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { checkServes, createUrls, decoding, dialects, startWithNetwork, type Dialect } from './refusals.js';

/** Values of every JSON type, with Go's name of the type. */
const samples: readonly (readonly [got: string, value: unknown])[] = [
  ['string "x"', 'x'],
  ['number 7', 7],
  ['bool true', true],
  ['array', []],
  ['object', {}],
];

interface Misfit {
  readonly body: unknown;
  readonly got: string;
  /** Of the member, from the body down. */
  readonly path: readonly string[];
}

/** A body for every member of a schema and every type that the member does not take. */
function* misfits(schema: TSchema, path: readonly string[] = []): Generator<Misfit> {
  const shape = shapeOf(schema);
  if (shape.kind === 'any' && !Array.isArray(schema['anyOf'])) return;
  for (const [got, value] of samples) if (!takes(schema, value)) yield { body: nest(path, value), got, path };
  if (shape.kind === 'struct') for (const [name, field] of shape.fields) yield* misfits(field, [...path, name]);
  if (shape.kind === 'map') yield* misfits(shape.values, [...path, 'key']);
  if (shape.kind === 'list') yield* misfits(shape.items, [...path, '0']);
}

function takes(schema: TSchema, value: unknown): boolean {
  const variants = schema['anyOf'] as readonly TSchema[] | undefined;
  if (variants !== undefined) return variants.some((variant) => takes(variant, value));
  const type = Array.isArray(value) ? 'array' : typeof value;
  return schema['type'] === type || (schema['type'] === 'integer' && type === 'number');
}

function nest(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, step) => (step === '0' ? [inner] : { [step]: inner }), value);
}

/** source: podman pkg/api/handlers@v4.3.1, pkg/domain/entities/network.go@54b588c07d */
const goTypes: Readonly<Record<Dialect, string>> = {
  compat: 'types.NetworkCreateRequest',
  v3: 'entities.NetworkCreateOptions',
  v4: 'types.Network',
};

t.test('wrong types, for every member of every body', async (t) => {
  const schemas: Readonly<Record<Dialect, TSchema>> = { compat: CompatCreateBody, v3: V3CreateBody, v4: V4CreateBody };
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  for (const dialect of dialects) {
    const { prefix, status } = decoding[dialect];
    const goType = goTypes[dialect];
    const [, struct] = goType.split('.');
    const bodies = [...misfits(schemas[dialect])];
    t.ok(bodies.length > 50, `${dialect}: ${bodies.length} bodies`);
    for (const { body, got, path } of bodies) {
      const place = path.length === 0 ? `value of type ${goType}` : `struct field ${struct}.${path.join('.')} of type `;
      const text = JSON.stringify(body);
      const answer = await daemon.ask('POST', createUrls[dialect], text);
      t.equal(answer.status, status, `${dialect} ${text}`);
      const { message, cause } = answer.json() as { message: string; cause: string };
      t.ok(cause.startsWith(`json: cannot unmarshal ${got} into Go ${place}`), cause);
      t.equal(message, prefix + cause);
    }
  }
  t.strictSame(snapshotFolder(daemon.folder), before, 'the folder is as it was');
  await checkServes(t, daemon);
});

t.test('the other bodies go by the names of Go as well, whatever a document calls them', async (t) => {
  const daemon = await startWithNetwork(t);
  const options = 'entities.NetworkConnectOptions';
  const force = 'NetworkDisconnectOptions.Force of type bool';
  const asked: readonly (readonly [url: string, body: unknown, place: string])[] = [
    ['/networks/taken/connect', 7, 'value of type NetworkConnect'],
    ['/networks/taken/connect', { Container: 7 }, 'struct field NetworkConnect.Container of type string'],
    ['/networks/taken/disconnect', { Container: 7 }, 'struct field NetworkDisconnect.Container of type string'],
    ['/v3.2.0/libpod/networks/taken/connect', 7, `value of type ${options}`],
    ['/v3.2.0/libpod/networks/taken/disconnect', { Force: 7 }, `struct field ${force}`],
    ['/v4.3.1/libpod/networks/taken/connect', 7, `value of type ${options}`],
    [
      '/v4.3.1/libpod/networks/taken/connect',
      { static_mac: 7 },
      'struct field NetworkConnectOptions.static_mac of type string',
    ],
    ['/v4.3.1/libpod/networks/taken/disconnect', { Force: 7 }, `struct field ${force}`],
    ['/v5.4.2/libpod/networks/taken/update', 7, 'value of type entities.NetworkUpdateOptions'],
    ['/podnetd/v1/networks/taken/connect', { container: 7 }, 'struct field ConnectOptions.container of type string'],
    ['/podnetd/v1/networks/taken/disconnect', 7, 'value of type DisconnectOptions'],
  ];
  for (const [url, body, place] of asked) {
    const answer = await daemon.ask('POST', url, JSON.stringify(body));
    const { cause } = answer.json() as { cause: string };
    t.equal(cause, `json: cannot unmarshal number 7 into Go ${place}`, url);
  }
});
