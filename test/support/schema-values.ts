import * as fc from 'fast-check';

/** The part of JSON Schema that the OpenAPI documents use. */
export interface ValueSchema {
  readonly type?: string;
  readonly anyOf?: readonly ValueSchema[];
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly additionalProperties?: boolean | ValueSchema | undefined;
  readonly items?: ValueSchema;
  readonly examples?: readonly unknown[];
  readonly maxItems?: number;
  readonly maxProperties?: number;
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

/** Texts that have broken other programs. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '/etc/passwd',
  '/proc/1/ns/net',
  'a/b',
  'a\0b',
  'a\r\nX-Injected: 1',
  '\n',
  '__proto__',
  'constructor',
  'toString',
  '\ud800',
  'é😀',
  '-rf',
  '%s%n%00',
  '${jndi:x}',
  '"\\',
  'x'.repeat(900),
  '256.1.1.1/33',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/-1',
  '::ffff:10.0.0.0/104',
  '1e999',
  '99999999999999999999',
  'true',
  'null',
];

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...hostileTexts),
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 2 ** 53, 1e308, -(2 ** 63), [], {}, [null], [[]], { a: {} }),
  fc.constantFrom(nested(50), { '': { '': nested(10) } }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Values that a schema allows, with a hostile value in the place of one now and then. */
export function valuesOf(schema: ValueSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: allowed(schema) }, { weight: 1, arbitrary: hostile });
}

function allowed({
  type,
  anyOf,
  properties,
  additionalProperties,
  items,
  examples,
}: ValueSchema): fc.Arbitrary<unknown> {
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(valuesOf));
  if (properties !== undefined) {
    const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, valuesOf(field)]));
    return fc.record(fields, { requiredKeys: [] });
  }
  if (typeof additionalProperties === 'object') {
    const keys = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('mtu', 'vlan', 'isolate', ...hostileTexts));
    return fc.dictionary(keys, valuesOf(additionalProperties), { maxKeys: 3 });
  }
  if (items !== undefined) return fc.array(valuesOf(items), { maxLength: 3 });
  const known = examples === undefined ? [] : [fc.constantFrom(...examples)];
  if (type === 'string') return fc.oneof(...known, fc.constantFrom(...hostileTexts), fc.string({ maxLength: 12 }));
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer') return fc.oneof(...known, fc.integer({ min: -2, max: 5_000 }));
  return fc.jsonValue({ maxDepth: 3 });
}
