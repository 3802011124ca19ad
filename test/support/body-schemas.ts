import { dialects } from '../../src/server/app.js';
import { readDocument } from './openapi-document.js';
import type { ValueSchema } from './schema-values.js';

/** A part of a request's body in an OpenAPI document. */
export interface BodyPart {
  readonly operationId: string;
  readonly method: string;
  /** The path, with the default network where it has a name. */
  readonly url: string;
  /** Path of the part in the body, in the notation of error messages. */
  readonly place: string;
  readonly schema: ValueSchema;
  /** @returns the text of a body that has only this part */
  write(part: string): string;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: ValueSchema }>> };
}

interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Every part of every body that podnetd accepts. */
export function listBodyParts(): readonly BodyPart[] {
  return dialects.flatMap(({ name }) => {
    const { servers, paths } = readDocument(name) as Document;
    const prefix = new URL(servers[0]?.url ?? '').pathname.replace(/\/$/, '');
    return Object.entries(paths).flatMap(([template, operations]) =>
      Object.entries(operations).flatMap(([method, { operationId, requestBody }]) => {
        const [{ schema } = { schema: undefined }] = Object.values(requestBody?.content ?? {});
        if (schema === undefined) return [];
        const url = `${prefix}${template.replace(/\{\w+\}/, 'podman')}`;
        const operation = { operationId, method: method.toUpperCase(), url };
        return partsOf(schema, '', (part) => part).map((part) => ({ ...operation, ...part }));
      }),
    );
  });
}

type Part = Pick<BodyPart, 'place' | 'schema' | 'write'>;

function partsOf(schema: ValueSchema, place: string, write: Part['write']): readonly Part[] {
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    partsOf(field, place === '' ? name : `${place}.${name}`, (part) => write(`{${JSON.stringify(name)}:${part}}`)),
  );
  const items = schema.items === undefined ? [] : partsOf(schema.items, `${place}[0]`, (part) => write(`[${part}]`));
  const kinds = (schema.anyOf ?? []).flatMap((kind) => partsOf(kind, place, write));
  return [{ place, schema, write }, ...fields, ...items, ...kinds];
}

/** Whether a part is a list or a map, whose kind does not fix the number of its members. */
export function isCountable({ items, type, additionalProperties }: ValueSchema): boolean {
  return items !== undefined || type === 'array' || isMap({ additionalProperties });
}

/** Whether a part is a map: the documents write maps as `additionalProperties` with a schema. */
export function isMap({ additionalProperties }: Pick<ValueSchema, 'additionalProperties'>): boolean {
  return typeof additionalProperties === 'object';
}

/** The text of a list or map with `count` small members; the keys of a map differ. */
export function writeMembers({ items, additionalProperties }: ValueSchema, count: number): string {
  const numbers = Array.from({ length: count }, (_, index) => index);
  if (isMap({ additionalProperties })) return `{${numbers.map((at) => `"${at.toString(36)}":""`).join(',')}}`;
  const item = items?.type === 'string' ? '""' : items?.type === 'integer' ? '0' : '{}';
  return `[${numbers.map(() => item).join(',')}]`;
}
