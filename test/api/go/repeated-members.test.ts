import { Type } from '@sinclair/typebox';
import * as fc from 'fast-check';
import t from 'tap';
import { parseFirstJson } from '../../../src/api/go/json-text.js';
import { RepeatedMembers, withoutRepeats } from '../../../src/api/go/repeated-members.js';
import { foldBody } from '../../../src/api/go/validators.js';
import { bounds } from '../../../src/model/bounds.js';

const Subnet = Type.Object({ subnet: Type.Optional(Type.String()), gateway: Type.Optional(Type.String()) });
const Body = Type.Object({
  name: Type.Optional(Type.String()),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  subnets: Type.Optional(Type.Array(Subnet)),
  ipam: Type.Optional(Type.Object({ driver: Type.Optional(Type.String()), range: Type.Optional(Type.String()) })),
});
const fold = (text: string) => JSON.parse(JSON.stringify(foldBody(Body, parseFirstJson(text)))) as unknown;

/** Texts, and the values that encoding/json@go1.19 reads from them into such a struct. */
const cases: readonly (readonly [what: string, text: string, expected: unknown])[] = [
  ['a text is replaced', '{"name":"a","name":"b"}', { name: 'b' }],
  ['null leaves a text', '{"name":"a","name":null}', { name: 'a' }],
  ['keys match in any case', '{"name":"a","NAME":"b","Name":null}', { name: 'b' }],
  ['maps are merged', '{"labels":{"a":"1","b":"1"},"labels":{"b":"2"}}', { labels: { a: '1', b: '2' } }],
  ['null empties a map', '{"labels":{"a":"1"},"labels":null}', {}],
  ['a key of a map given twice', '{"labels":{"a":"1","a":"2"}}', { labels: { a: '2' } }],
  [
    'objects are merged',
    '{"ipam":{"driver":"x","range":"r"},"IPAM":{"driver":"y"}}',
    { ipam: { driver: 'y', range: 'r' } },
  ],
  [
    'elements of a list are used again',
    '{"subnets":[{"subnet":"s","gateway":"g"},{"subnet":"t"}],"subnets":[{"gateway":"h"}]}',
    { subnets: [{ subnet: 's', gateway: 'h' }] },
  ],
  ['a key that looks like a number', '{"labels":{"2":"x","1":"y","2":"z"}}', { labels: { '1': 'y', '2': 'z' } }],
  ['quotes, braces and colons within texts', String.raw`{"name":"\"a\":{","name":"b\\"}`, { name: 'b\\' }],
];

for (const [what, text, expected] of cases) {
  t.test(what, (t) => {
    t.strictSame(fold(text), expected);
    t.end();
  });
}

t.test('a text without repeats is read as JSON.parse reads it', (t) => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      t.same(withoutRepeats(parseFirstJson(text)), JSON.parse(text));
    }),
  );
  t.same(withoutRepeats(parseFirstJson('{"a":[{"b":1,"b":{"c":2,"c":3}}]}')), { a: [{ b: { c: 3 } }] });
  t.notOk(parseFirstJson('{"a":{"a":1},"b":[{"a":1},{"a":2}]}') instanceof RepeatedMembers);
  t.end();
});

t.test('deep nests behind a repeat are read, and too deep ones are refused', (t) => {
  const nested = (depth: number) => `{"x":1,"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  t.doesNotThrow(() => foldBody(Body, parseFirstJson(nested(bounds.repeatedValues - 1))));
  t.throws(() => parseFirstJson(nested(9_000)), { code: 'repeatsTooMany' });
  t.end();
});
