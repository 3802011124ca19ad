import t, { type Test } from 'tap';
import { compatListFilters, compatPruneFilters, dropEmptyFilters } from '../../src/api/compat/filters.js';
import { readListFilters, readPruneFilters } from '../../src/api/filters.js';
import { v3ListFilters, v3PruneFilters } from '../../src/api/libpod-v3/filters.js';
import { v4ListFilters, v4PruneFilters } from '../../src/api/libpod-v4/filters.js';
import { NetworkError } from '../../src/model/errors/errors.js';
import { acceptAll, type FilterVocabulary } from '../../src/model/filters/filters.js';
import { clock, makeSubject } from '../model/filters/filter-subject.js';

const uri = '/v5.4.2/libpod/networks/json?filters=x';

const subjects = [
  makeSubject({ name: 'podman', isDefault: true }),
  makeSubject({ name: 'web', labels: { env: 'test', 'com.docker.compose.project': 'shop' }, inUse: true }),
  makeSubject({ name: 'back', labels: { env: 'live' }, createdNs: clock.nowNs }),
  makeSubject({ name: 'lan', driver: 'macvlan', pluginTypes: ['macvlan', 'tuning'] }),
];

/** Names of the networks that a list with these filters shows. */
function list(vocabulary: FilterVocabulary, filters: unknown): readonly string[] {
  const text = typeof filters === 'string' ? filters : JSON.stringify(filters);
  const filter = readListFilters(text, vocabulary, uri, clock);
  return subjects.filter(filter).map(({ network }) => network.name);
}

const everything = ['podman', 'web', 'back', 'lan'];

type Case = readonly [filters: unknown, names: readonly string[]];

/** What clients send, as they send it. */
const libpodCases: readonly Case[] = [
  ['{}', everything],
  ['null', everything],
  [{ name: [] }, everything],
  [{ unknown: [] }, everything],
  [{ unknown: null }, everything],
  [{ unknown: { x: false } }, everything],
  [{ unknown: { x: null } }, everything],
  [{ name: ['eb', 'ac'] }, ['web', 'back']],
  [{ name: { eb: true, ac: true } }, ['web', 'back']],
  [{ name: { web: true, back: false } }, ['web']],
  [{ name: ['^b', 'n$'] }, ['podman', 'back', 'lan']],
  [{ NAME: ['web'] }, ['web']],
  [{ name: ['web'], Name: ['e'] }, ['web']],
  [{ name: ['('] }, []],
  [{ name: ['(', 'web'] }, ['web']],
  [{ name: ['(?=web)'] }, []],
  [{ name: [null] }, everything],
  [{ name: ['(?P<x>w)eb'] }, ['web']],
  [{ label: ['env'] }, ['web', 'back']],
  [{ label: ['env='] }, ['web', 'back']],
  [{ label: ['env=test', 'com.docker.compose.project=shop'] }, ['web']],
  [{ label: ['env=test', 'env=live'] }, []],
  [{ driver: ['macvlan'] }, ['lan']],
  [{ driver: ['macvlan', 'bridge'] }, everything],
  [{ driver: ['vlan'] }, []],
  [{ name: ['a'], label: ['env'] }, ['back']],
  [' {"name" : ["web"]}\n', ['web']],
];

for (const [title, vocabulary] of [
  ['libpod-v3', v3ListFilters],
  ['libpod-v4', v4ListFilters],
  ['compat', compatListFilters],
] as const) {
  t.test(`lists of ${title}`, async (t) => {
    for (const [filters, names] of libpodCases) t.strictSame(list(vocabulary, filters), names, JSON.stringify(filters));
    t.equal(readListFilters(undefined, vocabulary, uri), acceptAll, 'no filters');
    t.equal(readListFilters('{}', vocabulary, uri), acceptAll, 'no keys');
  });
}

t.test('only libpod 3 has plugins', async (t) => {
  t.strictSame(list(v3ListFilters, { plugin: ['vlan'] }), ['lan']);
  t.strictSame(list(v3ListFilters, { plugin: ['bridge,portmap', 'nothing'] }), ['podman', 'web', 'back']);
  for (const vocabulary of [v4ListFilters, compatListFilters]) {
    t.throws(() => list(vocabulary, { plugin: ['vlan'] }), {
      code: 'filterUnknown',
      message: 'invalid filter "plugin"',
    });
  }
});

t.test('ids are anywhere in libpod 3, else prefixes or expressions', async (t) => {
  const { id } = makeSubject({ name: 'web' }).network;
  t.strictSame(list(v3ListFilters, { id: [id.slice(20, 40)] }), ['web']);
  t.strictSame(list(v3ListFilters, { id: [id.toUpperCase()] }), []);
  for (const vocabulary of [v4ListFilters, compatListFilters]) {
    t.strictSame(list(vocabulary, { id: [id.slice(20, 40)] }), []);
    t.strictSame(list(vocabulary, { id: [id.slice(0, 12).toUpperCase()] }), ['web']);
    t.strictSame(list(vocabulary, { id: [`^${id.slice(0, 12)}`] }), ['web']);
    t.strictSame(list(vocabulary, { id: ['(', id] }), ['web']);
    t.strictSame(list(vocabulary, { id: [''] }), everything);
  }
});

t.test('keys of libpod 4 that compat has too', async (t) => {
  for (const vocabulary of [v4ListFilters, compatListFilters]) {
    t.strictSame(list(vocabulary, { dangling: ['true'] }), ['back', 'lan'], 'the default network counts as used');
    t.strictSame(list(vocabulary, { dangling: { 0: true } }), ['podman', 'web']);
    t.strictSame(list(vocabulary, { until: ['1s'] }), ['podman', 'web', 'lan']);
    t.strictSame(list(vocabulary, { 'label!': ['env=test'] }), ['podman', 'back', 'lan']);
    t.strictSame(list(vocabulary, { 'label!': ['env=test', 'env=live'] }), ['podman', 'lan'], 'none may be there');
    t.strictSame(list(vocabulary, { label: ['compose*'] }), ['web'], 'globs');
  }
  for (const key of ['dangling', 'until', 'label!', 'type', 'scope']) {
    t.throws(() => list(v3ListFilters, { [key]: ['true'] }), { code: 'filterUnknown' }, key);
  }
  t.strictSame(list(v3ListFilters, { label: ['compose*'] }), [], 'libpod 3 has no globs');
});

t.test("Docker's keys", async (t) => {
  t.strictSame(list(compatListFilters, { type: { custom: true } }), ['web', 'back', 'lan']);
  t.strictSame(list(compatListFilters, { type: ['builtin'] }), ['podman']);
  t.strictSame(list(compatListFilters, { type: ['builtin', 'custom'] }), everything);
  t.strictSame(list(compatListFilters, { scope: ['local'] }), everything);
  t.strictSame(list(compatListFilters, { scope: ['swarm', 'local'] }), everything);
  t.strictSame(list(compatListFilters, { scope: ['swarm'] }), []);
  t.strictSame(list(compatListFilters, { name: ['^bridge$'] }), ['podman'], 'as it is shown');
  t.strictSame(list(v4ListFilters, { name: ['^bridge$'] }), []);
  t.throws(() => list(compatListFilters, { type: ['odd'] }), { code: 'filterTypeInvalid' });
  for (const key of ['type', 'scope'])
    t.throws(() => list(v4ListFilters, { [key]: ['local'] }), { code: 'filterUnknown' });
});

t.test('what prunes know', async (t) => {
  const prune = (vocabulary: FilterVocabulary, filters: unknown) => {
    const filter = readPruneFilters(JSON.stringify(filters), vocabulary, clock);
    return subjects.filter(filter).map(({ network }) => network.name);
  };
  for (const vocabulary of [v3PruneFilters, v4PruneFilters, compatPruneFilters]) {
    t.strictSame(prune(vocabulary, { label: ['env'], until: ['1h'] }), ['web']);
    for (const key of ['name', 'id', 'driver', 'dangling', 'plugin', 'type', 'scope', 'foo']) {
      t.throws(() => prune(vocabulary, { [key]: ['x'] }), {
        code: 'filterUnknown',
        message: `invalid filter "${key}"`,
      });
    }
  }
  t.throws(() => prune(v3PruneFilters, { 'label!': ['env'] }), { code: 'filterUnknown' });
  t.strictSame(prune(v4PruneFilters, { 'label!': ['env'] }), ['podman', 'lan']);
});

const faults: readonly (readonly [text: string, reason: string])[] = [
  ['', 'unexpected end of JSON input'],
  ['  ', 'unexpected end of JSON input'],
  ['{', 'unexpected end of JSON input'],
  ['{"name":["x"', 'unexpected end of JSON input'],
  ['xyz', "invalid character 'x' looking for beginning of value"],
  ['{name}', "invalid character 'n' looking for beginning of object key string"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['{}{}', "invalid character '{' after top-level value"],
  ['[]', 'json: cannot unmarshal array into Go value of type map[string][]string'],
  ['"x"', 'json: cannot unmarshal string into Go value of type map[string][]string'],
  ['5', 'json: cannot unmarshal number into Go value of type map[string][]string'],
  ['true', 'json: cannot unmarshal bool into Go value of type map[string][]string'],
  ['{"name":"x"}', 'json: cannot unmarshal string into Go value of type []string'],
  ['{"name":{"x":1}}', 'json: cannot unmarshal object into Go value of type []string'],
  ['{"name":["x"],"id":{"y":true}}', 'json: cannot unmarshal object into Go value of type []string'],
  ['{"name":[1]}', 'json: cannot unmarshal number into Go value of type string'],
  ['{"name":[["x"]]}', 'json: cannot unmarshal array into Go value of type string'],
  ['{"name":[{}]}', 'json: cannot unmarshal object into Go value of type string'],
];

t.test('filters that cannot be read', async (t) => {
  for (const [text, reason] of faults) {
    const message = `failed to parse parameters for ${uri}: ${reason}`;
    t.throws(() => list(v4ListFilters, text), { code: 'filtersUnreadable', message }, JSON.stringify(text));
    const prune = () => readPruneFilters(text, v4PruneFilters);
    t.throws(prune, { code: 'pruneFiltersUnreadable', message: reason }, JSON.stringify(text));
  }
  t.equal(dropEmptyFilters(''), undefined, 'Docker takes an empty text for none');
  t.equal(dropEmptyFilters('{'), '{');
});

t.test('keys that objects inherit are unknown', async (t) => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    refuses(t, `{"${key}":["x"]}`, 'filterUnknown');
    refuses(t, `{"${key}":{"x":true}}`, 'filterUnknown');
    t.strictSame(list(v4ListFilters, { label: [key] }), [], 'and no labels');
    t.strictSame(list(compatListFilters, `{"label!":{"${key}":true}}`), everything);
  }
});

t.test('values that a key does not take', async (t) => {
  refuses(t, '{"dangling":["true","false"]}', 'filterNotSingle');
  refuses(t, '{"dangling":["maybe"]}', 'danglingInvalid');
  refuses(t, '{"until":["1h","2h"]}', 'untilNotSingle');
  refuses(t, '{"until":["1d"]}', 'untilInvalid');
});

function refuses(t: Test, text: string, code: string): void {
  try {
    list(v4ListFilters, text);
    t.fail(`${text} is taken`);
  } catch (error) {
    t.ok(error instanceof NetworkError && error.code === code, `${text}: ${code}`);
  }
}
