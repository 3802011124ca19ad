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

/** Whether a schema has `null` beside another value. */
export function takesNull(schema: TSchema): boolean {
  return withoutNull(schema) !== schema;
}

/** The schema for the values of a nullable one that are not `null`; any other schema as it is. */
export function withoutNull(schema: TSchema): TSchema {
  const kinds = schema['anyOf'] as readonly TSchema[] | undefined;
  const [kind, other] = kinds?.filter(({ type }) => type !== 'null') ?? [];
  return kind !== undefined && other === undefined && kinds?.length === 2 ? kind : schema;
}

function isSchemaMap(value: unknown): value is Record<string, TSchema> {
  return typeof value === 'object' && value !== null;
}
