import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { Value, ValueErrorType } from '@sinclair/typebox/value';
import { TomlError } from 'smol-toml';
import { ConfigError, type ErrorPlace } from './config-error.js';
import { keysOf } from './declared-key.js';
import { findLine, parseToml, type ValuePath } from './toml-line.js';

/** Where a file has a key. */
export interface FilePlace extends ErrorPlace {
  /** `network.default_subnet` */
  readonly key: string;
}

/** Throws the ConfigError for a value of the file. */
export type Refuse = (valuePath: ValuePath, problem: string) => never;

/** A file of settings that has the form of its schema. */
export interface TomlDocument<S extends TObject> {
  readonly values: Static<S>;
  /** Of each declared key that the file has, by table and name. */
  readonly places: Readonly<Record<string, () => FilePlace>>;
  readonly place: (valuePath: ValuePath) => FilePlace;
  readonly refuse: Refuse;
}

/**
 * Reads a file of settings. The description of each part of the schema completes "<value> is not …".
 *
 * @throws ConfigError with file, line, key and rule
 */
export function readTomlDocument<S extends TObject>(file: string, text: string, schema: S): TomlDocument<S> {
  const place = (valuePath: ValuePath): FilePlace => ({
    file,
    line: findLine(text, valuePath),
    key: formatPath(valuePath),
  });
  const refuse: Refuse = (valuePath, problem) => {
    throw faultAt(place(valuePath), problem);
  };
  const values = parseDocument(file, text);
  checkForm(values, schema, refuse);
  return { values, places: findPlaces(values, schema, place), place, refuse };
}

/** @returns the error for a fault at a place */
export function faultAt(place: FilePlace, problem: string): ConfigError {
  return ConfigError.at(place, `${place.key}: ${problem}`);
}

/** `/etc/containers/containers.conf:3: network.default_subnet` */
export function formatPlace({ file, line, key }: FilePlace): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${key}`;
}

export function formatTomlValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' && value !== null ? 'a table' : `${value as boolean | number | bigint}`;
}

function parseDocument(file: string, text: string): unknown {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The message goes on with an excerpt of the file.
    const reason = (error.message.split('\n', 1)[0] ?? '').replace(/^Invalid TOML document: /, '');
    throw ConfigError.at({ file, line: error.line }, reason, { cause: error });
  }
}

function checkForm<S extends TObject>(values: unknown, schema: S, refuse: Refuse): asserts values is Static<S> {
  if (Value.Check(schema, values)) return;
  const first = Value.Errors(schema, values).First();
  const valuePath = parsePointer(first?.path ?? '');
  if (first?.type === ValueErrorType.ObjectAdditionalProperties) refuse(valuePath, describeUnknown(schema, valuePath));
  const wanted = first?.schema.description ?? 'what the file may hold';
  refuse(
    valuePath,
    first?.value === undefined
      ? `is missing; it must be ${wanted}`
      : `${formatTomlValue(first.value)} is not ${wanted}`,
  );
}

/** The keys that may stand in the place of an unknown one. */
function describeUnknown(schema: TObject, valuePath: ValuePath): string {
  let at: TSchema | undefined = schema;
  for (const part of valuePath.slice(0, -1))
    at = (typeof part === 'number' ? at?.['items'] : at?.['properties']?.[part]) as TSchema | undefined;
  const known = Object.keys((at?.['properties'] ?? {}) as object);
  const name = String(valuePath.at(-1));
  const home = valuePath.length > 1 ? undefined : keysOf({ schema }).find((key) => key.name === name);
  if (home === undefined) return `no such key; there is ${known.join(', ')}`;
  return `no such key outside of a table; write it below ${home.isList ? `[[${home.table}]]` : `[${home.table}]`}`;
}

function findPlaces(values: object, schema: TObject, place: (valuePath: ValuePath) => FilePlace) {
  const tables = values as Readonly<Record<string, object | undefined>>;
  const keys = keysOf({ schema }).filter(({ table, name }) => Object.hasOwn(tables[table] ?? {}, name));
  return Object.fromEntries(keys.map(({ table, name }) => [`${table}.${name}`, () => place([table, name])]));
}

/** The keys of the schemas need no JSON pointer escapes; an unknown key may have them. */
function parsePointer(pointer: string): ValuePath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}

/** `network.default_subnet_pools[0].base` */
function formatPath(valuePath: ValuePath): string {
  return valuePath
    .map((part, depth) => (typeof part === 'number' ? `[${part}]` : `${depth ? '.' : ''}${part}`))
    .join('');
}
