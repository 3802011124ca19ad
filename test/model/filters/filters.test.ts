import * as fc from 'fast-check';
import t from 'tap';
import {
  byDangling,
  byDriver,
  byLabel,
  byLabelAbsence,
  byLabelGlob,
  byName,
  byUntil,
  ownName,
} from '../../../src/model/filters/filter-rules.js';
import { acceptAll, compileFilters, type FilterVocabulary } from '../../../src/model/filters/filters.js';
import { compileLabelGlobs, compileLabelTest } from '../../../src/model/filters/label-filter.js';
import { clock, makeSubject } from './filter-subject.js';

const vocabulary: FilterVocabulary = new Map([
  ['name', byName(ownName)],
  ['driver', byDriver],
  ['label', byLabelGlob],
  ['label!', byLabelAbsence],
  ['until', byUntil],
  ['dangling', byDangling],
]);

type Terms = Readonly<Record<string, readonly string[]>>;

const compile = (terms: Terms) => compileFilters(new Map(Object.entries(terms)), vocabulary, clock);

t.test('no terms accept every network', async (t) => {
  t.equal(compile({}), acceptAll);
  t.equal(compile({ name: [], unknown: [] }), acceptAll);
});

t.test('an unknown key is reported in the case of the request', async (t) => {
  t.throws(() => compile({ Foo: ['x'] }), { code: 'filterUnknown', message: 'invalid filter "Foo"' });
});

t.test('every key has to match', async (t) => {
  const names = fc.constantFrom('web', 'back', 'lan');
  const drivers = fc.constantFrom('bridge', 'macvlan');
  fc.assert(
    fc.property(names, drivers, fc.array(names), fc.array(drivers), (name, driver, wantedNames, wantedDrivers) => {
      const subject = makeSubject({ name, driver });
      const filter = compile({ name: wantedNames.map((wanted) => `^${wanted}$`), DRIVER: wantedDrivers });
      const isNamed = wantedNames.length === 0 || wantedNames.includes(name);
      return filter(subject) === (isNamed && (wantedDrivers.length === 0 || wantedDrivers.includes(driver)));
    }),
  );
  t.pass();
});

t.test('until is strict', async (t) => {
  const until = 1_700_000_000_000_000_000n;
  const filter = compile({ until: ['1700000000'] });
  t.equal(filter(makeSubject({ createdNs: until - 1n })), true);
  t.equal(filter(makeSubject({ createdNs: until })), false);
  t.throws(() => compile({ until: ['1h', '1h'] }), { message: 'specify exactly one timestamp for until' });
  t.throws(() => compile({ until: ['1d'] }), { message: 'failed to parse value as time or duration: "1d"' });
});

t.test("dangling takes Go's truth values", async (t) => {
  const used = makeSubject({ inUse: true });
  for (const value of ['1', 't', 'T', 'true', 'TRUE', 'True'])
    t.equal(compile({ dangling: [value] })(used), false, value);
  for (const value of ['0', 'f', 'F', 'false', 'FALSE', 'False'])
    t.equal(compile({ dangling: [value] })(used), true, value);
  for (const value of ['', 'yes', 'on', 'tRUE', ' true', '__proto__']) {
    const message = `invalid dangling filter value "${value}"`;
    t.throws(() => compile({ dangling: [value] }), { code: 'danglingInvalid', message });
  }
});

const labels = {
  env: 'test',
  'com.docker.compose.project': 'shop',
  'a/b': 'c=d',
  bare: '',
  'x|y': '1',
  'line\nfeed': '2',
};

/** Terms, and whether a network with these labels matches them; the same in all of Podman 4 and 5. */
const specs: readonly (readonly [spec: string, globs: boolean, matches: boolean])[] = [
  ['env', true, true],
  ['env=', true, true],
  ['env=test', true, true],
  ['env=tes', true, false],
  ['en', true, false],
  ['ENV', true, false],
  ['a/b=c=d', true, true],
  ['a/b=c', true, false],
  ['bare', true, true],
  ['bare=', true, true],
  ['bare=x', true, false],
  ['', true, false],
  ['=', true, false],
  ['=test', true, false],
  // Patterns match anywhere in a key, and values are never patterns.
  ['*', true, true],
  ['*=shop', true, true],
  ['*=sho*', true, false],
  ['e*', true, true],
  ['docker*project', true, true],
  ['docker*project=shop', true, true],
  ['docker*project=other', true, false],
  ['project*docker', true, false],
  ['a*b', true, true],
  ['a/*', true, true],
  ['x/*', true, true],
  ['line*feed', true, true],
  ['e?v*', true, true],
  ['e??v*', true, false],
  ['[a-f]nv*', true, true],
  ['[^a-f]nv*', true, false],
  ['[]*', true, false],
  ['[*', true, false],
  ['[a-*', true, false],
  ['[z-a]nv*', true, false],
  ['[^z-a]nv*', true, true],
  ['[\\e]nv*', true, true],
  ['\\env*', true, true],
  ['e.v*', true, false],
  ['e+nv*', true, false],
  ['(env)*', true, false],
  // Without patterns an asterisk is an asterisk.
  ['e*', false, false],
  ['env', false, true],
  ['a/b=c=d', false, true],
];

t.test('labels', async (t) => {
  const map = new Map(Object.entries(labels));
  for (const [spec, globs, matches] of specs) {
    const [test = compileLabelTest(spec)] = globs ? compileLabelGlobs('label', [spec]) : [];
    t.equal(test(map), matches, `${JSON.stringify(spec)}${globs ? '' : ' without patterns'}`);
  }
  const subject = makeSubject({ labels });
  const has = (rule: typeof byLabel, ...values: readonly string[]) => rule({ key: 'label', values, clock })(subject);
  t.equal(has(byLabel, 'env', 'bare'), true);
  t.equal(has(byLabel, 'env', 'none'), false);
  t.equal(has(byLabelAbsence, 'none', 'nor'), true);
  t.equal(has(byLabelAbsence, 'none', 'env'), false);
  t.equal(has(byLabelAbsence, 'env=live'), true);
});

t.test('a label is found by its key, whatever it is', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), (text, value) => {
      const key = text.replaceAll('=', '');
      const map = new Map([[key, value]]);
      return compileLabelGlobs('label', [key, `${key}=${value}`]).every((test) => test(map));
    }),
  );
  t.pass();
});

t.test('expressions that would take RegExp ages', async (t) => {
  const subject = makeSubject({ name: `${'a'.repeat(200)}b` });
  for (const expression of [
    '^(a+)+$',
    '^(a|aa)+$',
    '^(a*)*$',
    `${'(.*)'.repeat(50)}c$`,
    `${'a?'.repeat(200)}${'a'.repeat(201)}`,
  ]) {
    t.equal(compile({ name: [expression] })(subject), false, expression.slice(0, 20));
  }
  t.equal(compile({ label: [`${'*a'.repeat(100)}*c`] })(makeSubject({ labels: { ['a'.repeat(200)]: '' } })), false);
});

t.test('expressions that are too large', async (t) => {
  const refused = { code: 'filterTooLarge', details: { filter: 'name', limit: 3_000 } };
  t.throws(() => compile({ name: ['(a?){1000}', '(b?){1000}', '(c?){1000}'] }), refused);
  t.throws(() => compile({ name: Array.from({ length: 1000 }, () => 'n.me') }), refused, 'many small expressions');
  t.throws(() => compile({ label: [`${'[a]'.repeat(3_000)}*`] }), { code: 'filterTooLarge' }, 'patterns of labels');
  const subject = makeSubject();
  for (const expression of [
    '((a{1000}){1000}){1000}',
    '('.repeat(2000) + ')'.repeat(2000),
    '(a?){1000}'.repeat(1600),
  ]) {
    t.equal(compile({ name: [expression] })(subject), false, 'an expression that Go refuses matches no network');
  }
});
