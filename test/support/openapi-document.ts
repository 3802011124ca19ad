import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { DialectName } from '../../src/api/address.js';

/** @returns an OpenAPI document of `openapi/` with each schema in the place of the references to it */
export function readDocument(dialect: DialectName): unknown {
  const file = path.resolve(import.meta.dirname, `../../openapi/${dialect}.yaml`);
  const document = parse(readFileSync(file, 'utf8')) as { components: { schemas: Record<string, unknown> } };
  const { schemas } = document.components;
  // One object a schema, so that a validator is compiled once for all the places of a schema.
  const resolved = new Map<string, unknown>();
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const name = /^#\/components\/schemas\/(.*)$/.exec('$ref' in value ? String(value.$ref) : '')?.[1];
    if (name === undefined)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
    if (!resolved.has(name)) resolved.set(name, resolve(schemas[name]));
    return resolved.get(name);
  };
  return resolve(document);
}
