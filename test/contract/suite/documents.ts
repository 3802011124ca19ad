import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parseAddress, type DialectName } from '../../../src/api/address.js';
import type { Answer } from '../../support/client.js';
import { readDocument } from '../../support/openapi-document.js';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const compiled = new Map<object, ValidateFunction>();
const documents = new Map<DialectName, Paths>();

/** Paths of a dialect's OpenAPI document. */
function pathsOf(dialect: DialectName): Paths {
  const known = documents.get(dialect);
  if (known !== undefined) return known;
  const { paths } = readDocument(dialect) as { paths: Paths };
  documents.set(dialect, paths);
  return paths;
}

/** Ids of the operations on networks. */
export function networkOperations(dialect: DialectName): readonly string[] {
  return Object.values(pathsOf(dialect))
    .flatMap((methods) => Object.values(methods))
    .filter(({ tags }) => tags.includes('networks'))
    .map(({ operationId }) => operationId);
}

/**
 * Compares an answer with the OpenAPI document of its dialect.
 *
 * @returns the operation, and what is wrong; undefined when no operation has this path and method
 */
export function checkDocumented(
  method: string,
  url: string,
  answer: Answer,
): { readonly operationId: string; readonly fault: string | undefined } | undefined {
  const { dialect, rest } = parseAddress(url);
  const segments = (rest.split('?', 1)[0] ?? '').split('/');
  const found = Object.entries(pathsOf(dialect))
    .filter(([template, methods]) => isPathOf(template, segments) && method.toLowerCase() in methods)
    // A literal path wins over one with a parameter.
    .toSorted(([a], [b]) => a.split('{').length - b.split('{').length)
    .at(0);
  const operation = found?.[1][method.toLowerCase()];
  if (operation === undefined) return undefined;
  return { operationId: operation.operationId, fault: findFault(operation, answer) };
}

function isPathOf(template: string, segments: readonly string[]): boolean {
  const parts = template.split('/');
  return parts.length === segments.length && parts.every((part, at) => part.startsWith('{') || part === segments[at]);
}

function findFault({ responses }: Operation, { status, headers, text }: Answer): string | undefined {
  const response = responses[status];
  if (response === undefined) return `status ${status} is not documented`;
  const lacking = Object.keys(response.headers ?? {}).filter((name) => headers[name.toLowerCase()] === undefined);
  if (lacking.length > 0) return `it has no ${lacking.join(', ')}`;
  if (response.content === undefined) return text === '' ? undefined : 'it has a body';
  const type = String(headers['content-type']).split(';', 1)[0] ?? '';
  const schema = response.content[type]?.schema;
  if (schema === undefined) return `type ${type} is not documented`;
  if (type !== 'application/json') return undefined;
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  return validate(JSON.parse(text)) ? undefined : ajv.errorsText(validate.errors);
}
