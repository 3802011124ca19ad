import type { TSchema } from '@sinclair/typebox';

export type Field = readonly [name: string, schema: TSchema];

/** The shapes that decoding and printing treat differently. */
export type SchemaShape =
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'map'; readonly values: TSchema }
  | { readonly kind: 'list'; readonly items: TSchema }
  | { readonly kind: 'scalar' }
  | { readonly kind: 'any' };

/** A Go struct, map or slice behind a TypeBox schema. */
export function shapeOf(schema: TSchema): SchemaShape {
  if (isSchemaMap(schema['properties'])) return { kind: 'struct', fields: Object.entries(schema['properties']) };
  if (isSchemaMap(schema['patternProperties'])) {
    const [values] = Object.values(schema['patternProperties']);
    if (values !== undefined) return { kind: 'map', values };
  }
  if (schema['type'] === 'array') return { kind: 'list', items: schema['items'] as TSchema };
  return { kind: schema['type'] === undefined ? 'any' : 'scalar' };
}

function isSchemaMap(value: unknown): value is Record<string, TSchema> {
  return typeof value === 'object' && value !== null;
}
