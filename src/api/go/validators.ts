import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler, type TypeCheck, type ValueError } from '@sinclair/typebox/compiler';
import type { FastifySchemaCompiler } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import { parseGoBoolean } from '../../model/go/boolean.js';
import { isObject, type JsonObject } from '../../model/json-object.js';
import { membersOf, withoutRepeats } from './repeated-members.js';
import { shapeOf, takesNull, withoutNull, type Field } from './schema-walk.js';

/** A query parameter that its schema refuses; a caller that knows the URL makes a `queryInvalid` of it. */
export class QueryFault extends Error {
  override readonly name = 'QueryFault';

  constructor(
    readonly parameter: string,
    /** The values that the schema allows; undefined when it does not say. */
    readonly rule?: string,
    /** Whether the request lacks it. */
    readonly isMissing = false,
    /** A value that the schema gives as an example. */
    readonly example?: string,
  ) {
    super(`error converting value for "${parameter}"`);
  }
}

type Verdict = { value: unknown } | { error: Error };

/** Bodies decode as in Go and are never coerced; query strings decode as with gorilla/schema. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  // They are texts, by the names that the route and its schema have for them.
  if (httpPart === 'params' || httpPart === 'headers') return (value: unknown): Verdict => ({ value });
  // At the first request: compiling the schemas of every route would hold up the first answer.
  let check: TypeCheck<TSchema> | undefined;
  const fold = httpPart === 'body' ? foldBody : foldQuery;
  return (data: unknown): Verdict => {
    if (httpPart === 'body' && data === null) return { error: new NetworkError('bodyMissing', {}) };
    const folded = tryFold(() => fold(schema, data));
    if ('error' in folded) return folded;
    const { value } = folded;
    check ??= TypeCompiler.Compile(schema);
    const fault = check.Check(value) ? undefined : check.Errors(value).First();
    if (fault === undefined) return { value };
    return { error: httpPart === 'body' ? explain(schema, fault) : blameParameter(fault) };
  };
};

function blameParameter({ path, schema, value }: ValueError): QueryFault {
  const [example] = (schema['examples'] ?? []) as readonly (string | number | boolean)[];
  return new QueryFault(
    path.slice(1),
    describeRule(schema),
    value === undefined,
    example === undefined ? undefined : String(example),
  );
}

function tryFold(fold: () => unknown): Verdict {
  try {
    return { value: fold() };
  } catch (error) {
    if (error instanceof NetworkError) return { error };
    throw error;
  }
}

/**
 * Puts the members of a body where the schema has them: keys match in any case, `null` counts as absent unless the schema has it, unknown keys
 * are dropped unless the schema is closed. A member that comes again is decoded into what is there: objects are merged, also those of a list one by one, and all
 * else is replaced. source: Go encoding/json@go1.19
 *
 * @param before what an earlier member of this name was folded to; a map is added to in place
 * @param place the member's path, for errors
 * @throws NetworkError invalid, for an unknown key, and for a list or map with more entries than its schema allows
 */
export function foldBody(given: TSchema, value: unknown, before?: unknown, place = ''): unknown {
  const schema = withoutNull(given);
  const shape = shapeOf(schema);
  if (Array.isArray(value)) refuseMore(value.length, mostItems(schema), place);
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return value;
    const known: readonly unknown[] = Array.isArray(before) ? before : [];
    return value.map((item, index) =>
      foldBody(shape.items, item ?? zeroOf(shape.items), known[index], `${place}[${index}]`),
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (shape.kind === 'map') return addToMap(schema, shape.values, value, isObject(before) ? before : {}, place);
  if (shape.kind !== 'struct') return withoutRepeats(value);
  const members = new Map(isObject(before) ? Object.entries(before) : []);
  const fieldOf = findFields(shape.fields);
  for (const [key, member] of membersOf(value)) {
    const [name, field] = fieldOf(key) ?? [];
    if (name === undefined && schema['additionalProperties'] === false) {
      throw new NetworkError('memberUnknown', { member: key, known: shape.fields.map(([known]) => known) });
    }
    if (name === undefined || field === undefined) continue;
    const path = place === '' ? name : `${place}.${name}`;
    if (member === null && takesNull(field)) members.set(name, null);
    else if (member !== null) members.set(name, foldBody(field, member, members.get(name), path));
    else if (isNilable(field)) members.delete(name);
  }
  return bare(members);
}

/** Entries of maps that are being folded: to count them at each repeated member would take the square of their number. */
const entryCounts = new WeakMap<object, number>();

function addToMap(schema: TSchema, values: TSchema, value: object, before: JsonObject, place: string): JsonObject {
  const known = entryCounts.get(before);
  const members = (known === undefined ? Object.create(null) : before) as Record<string, unknown>;
  let count = known ?? 0;
  for (const [key, member] of membersOf(value)) {
    if (!(key in members)) count += 1;
    members[key] = member === null && takesNull(values) ? null : foldBody(values, member ?? '', undefined, place);
  }
  refuseMore(count, schema['maxProperties'], place);
  entryCounts.set(members, count);
  return members;
}

/** The bound of a list, or of the list that a value of several kinds may be. */
function mostItems({ maxItems, anyOf }: TSchema): unknown {
  if (maxItems !== undefined || !Array.isArray(anyOf)) return maxItems;
  return (anyOf as readonly TSchema[]).find((kind) => kind['maxItems'] !== undefined)?.['maxItems'];
}

function refuseMore(count: number, limit: unknown, place: string): void {
  if (typeof limit === 'number' && count > limit) throw new NetworkError('tooMany', { place, count, limit });
}

/** Whether `null` empties it, as it does Go's maps and slices, and leaves its texts and numbers alone. */
function isNilable(schema: TSchema): boolean {
  return ['map', 'list'].includes(shapeOf(schema).kind);
}

/** What Go makes of a `null` in a list. */
function zeroOf(schema: TSchema): unknown {
  const shape = shapeOf(schema);
  if (shape.kind === 'struct' || shape.kind === 'map') return {};
  if (shape.kind === 'list') return [];
  return schema['type'] === 'string' ? '' : null;
}

/** Keys match in any case and the last of several values wins; text becomes what the schema asks for. source: gorilla/schema@v1.2.0 */
export function foldQuery(schema: TSchema, query: unknown): unknown {
  const shape = shapeOf(schema);
  if (shape.kind !== 'struct' || typeof query !== 'object' || query === null) return query;
  const fieldOf = findFields(shape.fields);
  const members: [string, unknown][] = [];
  for (const [key, given] of Object.entries(query)) {
    const [name, field] = fieldOf(key) ?? [];
    if (name !== undefined) members.push([name, coerce(field?.['type'], Array.isArray(given) ? given.at(-1) : given)]);
  }
  return bare(members);
}

function coerce(type: unknown, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  // An empty number is none at all.
  if (type === 'integer') return text === '' ? undefined : /^[+-]?[0-9]+$/.test(text) ? Number(text) : text;
  if (type !== 'boolean') return text;
  if (text === 'on') return true;
  if (text === '') return false;
  return parseGoBoolean(text) ?? text;
}

/** A field by its key in any case. */
function findFields(fields: readonly Field[]): (key: string) => Field | undefined {
  const byKey = new Map(fields.map((field) => [field[0].toLowerCase(), field]));
  return (key) => byKey.get(key.toLowerCase());
}

/** Without a prototype, so that `__proto__` is a key like any other. */
function bare(members: Iterable<[string, unknown]>): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of members) object[key] = member;
  return object;
}

function describeRule({ type, minimum, maximum }: TSchema): string | undefined {
  if (type === 'boolean') return 'true or false';
  if (type !== 'integer') return undefined;
  const range = minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`;
  return `a whole number${range}`;
}

function explain(schema: TSchema, outer: ValueError): NetworkError {
  const fault = findInnermost(outer);
  const got = describeGot(fault.value);
  const wanted = goType(fault.schema);
  const field = fault.path.slice(1).replaceAll('/', '.');
  const type = goType(schema);
  // Go names the struct of a field without its package.
  const struct = type.slice(type.lastIndexOf('.') + 1);
  const place = field === '' ? `value of type ${type}` : `struct field ${struct}.${field} of type ${wanted}`;
  return new NetworkError('bodyInvalid', { reason: `json: cannot unmarshal ${got} into Go ${place}` });
}

/** Of a value that may be null, the fault that it has by its other schema. */
function findInnermost(fault: ValueError): ValueError {
  const schema = withoutNull(fault.schema);
  if (schema === fault.schema) return fault;
  const inner = TypeCompiler.Compile(schema).Errors(fault.value).First();
  return inner === undefined ? fault : findInnermost({ ...inner, path: fault.path + inner.path });
}

/** The kind in Go's words, and the value where it is short enough to read. */
function describeGot(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'object') return 'object';
  const kind = typeof value === 'boolean' ? 'bool' : typeof value;
  const text = value === undefined ? '' : JSON.stringify(value);
  return text.length <= 64 ? `${kind} ${text}` : kind;
}

function goType(given: TSchema): string {
  const schema = withoutNull(given);
  if (typeof schema['x-go-type'] === 'string') return schema['x-go-type'];
  const shape = shapeOf(schema);
  if (shape.kind === 'map') return `map[string]${goType(shape.values)}`;
  if (shape.kind === 'list') return `[]${goType(shape.items)}`;
  if (shape.kind === 'struct') return schema.title ?? 'struct';
  if (shape.kind === 'any') return 'interface {}';
  const scalars: Readonly<Record<string, string>> = { boolean: 'bool', integer: 'int' };
  const type = String(schema['type']);
  return scalars[type] ?? type;
}
