import { mkdirSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import t from 'tap';
import { dialects } from '../../src/server/app.js';
import { checkDocumented } from '../contract/suite/documents.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { readDocument } from '../support/openapi-document.js';
import { readAnswers, speak, writeRequest } from '../support/raw-http.js';
import { rounds } from '../support/rounds.js';
import { hostileTexts, valuesOf, type ValueSchema } from '../support/schema-values.js';
import { makeScratch } from '../support/scratch.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';

/**
 * Every operation of every OpenAPI document, asked with what its schema allows and with what it does not: the answer is a documented one and
 * no fault of podnetd's, and what is refused changes nothing.
 */

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: ValueSchema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: ValueSchema }>> };
}

interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const documents = dialects.map(({ name }) => ({ dialect: name, ...(readDocument(name) as Document) }));

const encode = (text: string) => encodeURIComponent(text.toWellFormed());

/** In a path: networks that are there, hostile names, and what no encoder would write. */
const pathTexts = fc.oneof(
  fc.constantFrom('podman', 'taken', '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9'),
  fc.constantFrom(...hostileTexts.filter((text) => text !== '')).map(encode),
  fc.constantFrom(
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '%00',
    '%zz',
    '%',
    '%c0%ae',
    '..%5c',
    '%0d%0aX-Injected:%201',
    ';',
    '*',
  ),
  fc.string({ minLength: 1, maxLength: 10 }).map(encode),
);

const filterKeys = [
  'name',
  'id',
  'driver',
  'label',
  'label!',
  'until',
  'dangling',
  'type',
  'plugin',
  'container',
  'event',
  'scope',
  'x',
  ...hostileTexts,
];
const filterTexts = fc.oneof(
  fc.constantFrom('a', '^a', '(', '(a+)+$', '.*', '1h', 'k=v', 'bridge', 'custom', ...hostileTexts),
);
const filters = fc
  .dictionary(
    fc.constantFrom(...filterKeys),
    fc.oneof(
      fc.array(filterTexts, { maxLength: 3 }),
      fc.dictionary(filterTexts, fc.oneof(fc.boolean(), filterTexts), { maxKeys: 2 }),
      filterTexts,
      fc.jsonValue({ maxDepth: 2 }),
    ),
    { maxKeys: 3 },
  )
  .map((value) => JSON.stringify(value));

function queryTexts(name: string): fc.Arbitrary<string> {
  const texts = fc.oneof(
    fc.constantFrom('true', 'false', '1', 'on', '-1', '10', '1h', '2026-01-01', 'x', ...hostileTexts),
    fc.string({ maxLength: 10 }),
  );
  return name === 'filters' ? fc.oneof({ weight: 3, arbitrary: filters }, { weight: 1, arbitrary: texts }) : texts;
}

/** What a JSON text can have and no value of JavaScript. */
const twists: readonly ((json: string) => string)[] = [
  (json) => json,
  (json) => json,
  (json) => json,
  (json) => json.replace(/^{(?=")/, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},'),
  (json) => json.replace(/^{("[^"\\]*":)/, '{$1null,$1[],$1'),
  (json) => json.replaceAll(/:\d+/g, ':1e999'),
  (json) => json.replace(/^{(?=")/, `{"deep":${'['.repeat(9_000)}${']'.repeat(9_000)},`),
  (json) => `${json}${json}`,
  (json) => json.slice(0, -1),
];

const bodies = (schema: ValueSchema) =>
  fc.tuple(valuesOf(schema), fc.constantFrom(...twists)).map(([value, twist]) => twist(JSON.stringify(value)));

/** Requests for an operation, as bytes. */
function requestsFor(prefixes: readonly string[], template: string, method: string, operation: Operation) {
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const pairs = query.map(({ name }) =>
    fc.option(
      queryTexts(name).map((text) => `${name}=${encode(text)}`),
      { nil: undefined },
    ),
  );
  const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  return fc.record({
    url: fc
      .tuple(
        fc.constantFrom(...prefixes),
        pathTexts,
        fc.tuple(...pairs),
        fc.constantFrom(
          '',
          '&__proto__=1',
          '&filters[name]=x&filters[name]=y',
          '&constructor.prototype.x=1',
          '&&=&%',
          '&a=%ff',
        ),
      )
      .map(([prefix, name, parts, extra]) => {
        const given = parts.filter((part) => part !== undefined).join('&');
        return `${prefix}${template.replace(/{\w+}/, () => name)}${given === '' && extra === '' ? '' : `?${given}${extra}`}`;
      }),
    method: fc.constant(method.toUpperCase()),
    body: schema === undefined ? fc.constant('') : bodies(schema),
  });
}

/** @returns what is wrong with the answer */
async function findFault(
  daemon: TestDaemon,
  { method, url, body }: { readonly method: string; readonly url: string; readonly body: string },
): Promise<string | undefined> {
  const before = JSON.stringify(snapshotFolder(daemon.folder));
  const heard = await speak(daemon.socket, writeRequest(method, url, body));
  const [answer, ...others] = readAnswers(heard, method);
  if (answer === undefined || others.length > 0) return `${others.length} answers: ${heard}`;
  const { status, headers } = answer;
  const text = Buffer.from(answer.body, 'latin1').toString();
  if (headers.has('x-injected')) return 'a header was injected';
  if (status < 400)
    return method === 'GET' && JSON.stringify(snapshotFolder(daemon.folder)) !== before ? 'reading wrote' : undefined;
  if (JSON.stringify(snapshotFolder(daemon.folder)) !== before)
    return `refused with ${status}, and yet the folder changed`;
  const { message, response } = JSON.parse(text) as { message: string; response: number };
  if (response !== status || message === '') return `not an envelope: ${text}`;
  if (/internal error|\n +at |\bundefined\b|\[object|TypeError/.test(message)) return `not for a user: ${message}`;
  // Of HTTP itself: the URL is none, or is too long.
  if (message.endsWith(': not a valid URL')) return undefined;
  const checked = checkDocumented(method, url, {
    status,
    headers: Object.fromEntries(headers),
    text,
    json: () => JSON.parse(text) as unknown,
  });
  return checked?.fault === undefined ? undefined : `${checked.fault}: ${text}`;
}

for (const { dialect, servers, paths } of documents) {
  t.test(`every operation of ${dialect}`, { skip: missing('ip', 'nsenter') }, async (t) => {
    // In a network namespace of its own and without plugins, so that no connect can do anything to the host.
    const plugins = path.join(makeScratch(t), 'none');
    mkdirSync(plugins);
    const daemon = await startDaemon(t, { netns: makeNetns(t), args: ['--cni-plugin-dir', plugins] });
    const prefixes = servers.map(({ url }) => new URL(url).pathname.replace(/\/$/, ''));
    for (const [template, methods] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        await daemon.ask('POST', '/networks/prune');
        await daemon.ask('POST', '/networks/create', { Name: 'taken' });
        const arbitrary = requestsFor(prefixes, template, method, operation);
        const varies =
          template.includes('{') || operation.parameters !== undefined || operation.requestBody !== undefined;
        const runs = template.endsWith('/create') ? rounds(120, 20_000) : varies ? rounds(25, 4_000) : 5;
        await fc.assert(
          fc.asyncProperty(arbitrary, async (asked) => {
            const fault = await findFault(daemon, asked);
            if (fault !== undefined)
              throw new Error(`${asked.method} ${asked.url} ${asked.body.slice(0, 500)}\n${fault}`);
          }),
          { numRuns: runs },
        );
        t.pass(`${operation.operationId}: ${runs} requests`);
      }
    }
    t.equal((await daemon.ask('POST', '/networks/create', { Name: 'afterwards' })).status, 201, 'it still creates');
    t.match((await daemon.ask('GET', '/networks/afterwards')).text, '"Internal":false', 'nobody inherits anything');
    t.strictSame(
      daemon.log().filter(({ level, outcome }) => Number(level) >= 50 || outcome === 'internal'),
      [],
      'nothing was a bug',
    );
  });
}
