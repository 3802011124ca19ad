import * as fc from 'fast-check';
import t from 'tap';
import { editJson } from '../../../src/cni/conflist/edit-json.js';
import { isObject, type JsonObject } from '../../../src/model/json-object.js';

/** A change of a value changes its text there and nowhere else: the rest of the bytes stays. */

const edit = (text: string, change: (value: JsonObject) => JsonObject) => {
  const before = JSON.parse(text) as JsonObject;
  return editJson(text, before, change(before));
};

t.test('a member is replaced, added and removed in the style of its neighbours', async (t) => {
  const podman = '{\n   "a": 1.0e2,\n   "m": {\n      "x": [\n         1\n      ]\n   }\n}';
  t.equal(
    edit(podman, (all) => ({ ...all, a: 'b' })),
    podman.replace('1.0e2', '"b"'),
  );
  t.equal(
    edit(podman, (all) => ({ ...all, n: { k: 'v' } })),
    podman.replace(/\n\}$/, ',\n   "n": {\n      "k": "v"\n   }\n}'),
  );
  t.equal(
    edit(podman, ({ a, m }) => ({ z: [], a, m })),
    podman.replace('{\n', '{\n   "z": [],\n'),
  );
  t.equal(
    edit(podman, ({ a }) => ({ a })),
    '{\n   "a": 1.0e2\n}',
  );
  t.equal(
    edit(podman, () => ({})),
    '{}',
  );
  t.equal(
    edit(podman, (all) => ({ ...all, m: { x: [1, 2] } })),
    podman.replace('         1\n', '         1,\n         2\n'),
  );
  t.equal(
    edit('{\n  "a": {}\n}\n', (all) => ({ ...all, a: { b: true } })),
    '{\n  "a": {\n    "b": true\n  }\n}\n',
    'an empty object gets lines of its own',
  );
  t.equal(
    edit('{"a":1 , "b" : 2}', ({ a }) => ({ a, c: [1] })),
    '{"a":1 , "c" : [1]}',
  );
  t.equal(
    edit('{"a":[1,2,3]}', () => ({ a: [1, 3] })),
    '{"a":[1,3]}',
  );
  t.equal(
    edit('{}', () => ({ a: 1 })),
    '{"a":1}',
  );
  t.equal(
    edit('\t{"a":1}\n\n', () => ({ a: 2 })),
    '\t{"a":2}\n\n',
    'white space around the value stays',
  );
  t.equal(
    edit('{"a":1}', () => ({ a: '<é>' })),
    String.raw`{"a":"\u003cé\u003e"}`,
    'a text is printed as Go does',
  );
});

t.test('of several members with one key the last one counts', async (t) => {
  t.equal(
    edit('{"a":1,"b":0,"a":2}', () => ({ b: 0, a: 3 })),
    '{"a":1,"b":0,"a":3}',
  );
  t.equal(
    edit('{"a":1,"b":0,"a":2}', () => ({ b: 0 })),
    '{"b":0}',
    'and none of them stays',
  );
  t.equal(
    edit(String.raw`{"\u0061":1,"__proto__":{"x":1}}`, (all) => ({ ...all, a: 2 })),
    String.raw`{"\u0061":2,"__proto__":{"x":1}}`,
  );
});

t.test('what nests as deep as a file may is passed over', async (t) => {
  const deep = '['.repeat(9_000) + ']'.repeat(9_000);
  t.equal(
    edit(`{"a":1,"deep":${deep}}`, (all) => ({ ...all, a: 2 })),
    `{"a":2,"deep":${deep}}`,
  );
});

/** A JSON text with any white space, escapes and numbers. */
const space = fc.constantFrom('', '', ' ', '\n', '\n  ', '\t', '\r\n');
const scalar = fc.oneof(
  fc.constantFrom(
    '1',
    '-0',
    '1.0',
    '1E+2',
    '12345678901234567890',
    'true',
    'null',
    '""',
    '"a,]}"',
    String.raw`"\"\\u0041"`,
  ),
  fc.string().map((text) => JSON.stringify(text)),
);
const key = fc.constantFrom('"a"', '"b"', '"c"', String.raw`"\u0064"`, '"__proto__"', '"]:,"');
const { value: anyValue } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc
      .array(fc.tuple(space, tie('value'), space), { maxLength: 4 })
      .map((items) => `[${items.map((item) => item.join('')).join(',')}]`),
    members(tie('value')),
  ),
}));
function members(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const member = fc.tuple(space, key, space, space, value, space);
  return fc.tuple(fc.uniqueArray(member, { maxLength: 4, selector: ([, name]) => name }), space).map(([all, end]) => {
    const texts = all.map(
      ([lead, name, before, after, text, trail]) => `${lead}${name}${before}:${after}${text}${trail}`,
    );
    return texts.length === 0 ? `{${end}}` : `{${texts.join(',')}}`;
  });
}

t.test('one change leaves the bytes in front of it and behind it', async (t) => {
  const anyChange = fc.record({
    kind: fc.constantFrom('set', 'add', 'drop'),
    steps: fc.array(fc.nat(3), { maxLength: 3 }),
    value: fc.constantFrom<unknown>(7, 'new', { k: [1] }, []),
  });
  let checked = 0;
  fc.assert(
    fc.property(
      fc.tuple(space, members(anyValue), space).map((parts) => parts.join('')),
      anyChange,
      (text, change) => {
        const before = JSON.parse(text) as JsonObject;
        const changed = changeAt(before, change.steps, change);
        if (changed === undefined) return;
        checked += 1;
        const after = editJson(text, before, changed.value);
        if (JSON.stringify(JSON.parse(after)) !== JSON.stringify(changed.value))
          throw new Error(`${after} is another value`);
        const front = commonFront(text, after);
        const kept =
          front + Math.min(commonFront(reverse(text), reverse(after)), Math.min(text.length, after.length) - front);
        // The text of the value that went, and for a dropped one its key and the separators.
        const gone = text.length - kept;
        const most = changed.gone === undefined ? 0 : longestText(text, changed.gone, change.kind);
        if (gone > most)
          throw new Error(`${gone} characters of ${JSON.stringify(text)} are not in ${JSON.stringify(after)}`);
      },
    ),
    { numRuns: 2_000 },
  );
  t.ok(checked > 500, `${checked} changes`);
});

interface Changed {
  readonly value: unknown;
  /** The value that is not there any more. */
  readonly gone: { readonly value: unknown } | undefined;
}

function changeAt(
  value: unknown,
  steps: readonly number[],
  { kind, value: fresh }: { readonly kind: string; readonly value: unknown },
): Changed | undefined {
  const [step, ...rest] = steps;
  if (Array.isArray(value)) {
    if (step !== undefined && rest.length > 0 && step < value.length) {
      const inner = changeAt(value[step], rest, { kind, value: fresh });
      return inner && { ...inner, value: value.with(step, inner.value) };
    }
    if (kind === 'add') return { value: [...value, fresh], gone: undefined };
    if (step === undefined || step >= value.length) return undefined;
    return { value: kind === 'set' ? value.with(step, fresh) : value.toSpliced(step, 1), gone: { value: value[step] } };
  }
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  const entry = entries[step ?? 0];
  if (entry !== undefined && rest.length > 0) {
    const inner = changeAt(entry[1], rest, { kind, value: fresh });
    return inner && { ...inner, value: fromEntries(entries.with(step ?? 0, [entry[0], inner.value])) };
  }
  if (kind === 'add') return { value: fromEntries(entries.toSpliced(step ?? 0, 0, ['fresh', fresh])), gone: undefined };
  if (entry === undefined) return undefined;
  const rewritten =
    kind === 'set' ? entries.with(step ?? 0, [entry[0], fresh]) : entries.filter((one) => one !== entry);
  return { value: fromEntries(rewritten), gone: { value: entry[1] } };
}

const fromEntries = (entries: readonly (readonly [string, unknown])[]): unknown => Object.fromEntries(entries);

/** A bound for the text of a value in a document: its printed form, with room for escapes and white space. */
function longestText(text: string, { value }: { readonly value: unknown }, kind: string): number {
  const printed = JSON.stringify(value).length;
  const scalarOnly = typeof value !== 'object' || value === null;
  if (scalarOnly && kind === 'set') return Math.max(printed * 6, 24);
  return text.length - 1;
}

function commonFront(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1;
  return at;
}

function reverse(text: string): string {
  return text.split('').toReversed().join('');
}
