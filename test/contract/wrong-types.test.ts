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
  /** Names of the members from the body down. */
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

t.test('wrong types, for every member of every body', async (t) => {
  const schemas: Readonly<Record<Dialect, TSchema>> = { compat: CompatCreateBody, v3: V3CreateBody, v4: V4CreateBody };
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  for (const dialect of dialects) {
    const { prefix, status } = decoding[dialect];
    const { title = '', 'x-go-type': goType = '' } = schemas[dialect] as { title?: string; 'x-go-type'?: string };
    const bodies = [...misfits(schemas[dialect])];
    t.ok(bodies.length > 50, `${dialect}: ${bodies.length} bodies`);
    for (const { body, got, path } of bodies) {
      const place = path.length === 0 ? `value of type ${goType}` : `struct field ${title}.${path.join('.')} of type `;
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
