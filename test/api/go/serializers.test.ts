import { Type } from '@sinclair/typebox';
import t from 'tap';
import { compileSerializer, printOnce } from '../../../src/api/go/serializers.js';
import { writeStrings } from '../../../src/api/fields.js';

const Thing = Type.Object({
  z: Type.String(),
  a: Type.Optional(Type.Integer()),
  flag: Type.Boolean(),
  inner: Type.Optional(Type.Object({ y: Type.String(), x: Type.Optional(Type.String()) })),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  list: Type.Optional(Type.Array(Type.Object({ n: Type.Number() }))),
  raw: Type.Optional(Type.Unknown()),
});
const print = compileSerializer({ schema: Thing });

t.test('members of a struct are in the order of the schema', async (t) => {
  t.equal(print({ flag: false, a: 1, z: 's' }), '{"z":"s","a":1,"flag":false}\n');
  t.equal(print({ flag: true, z: '', inner: { x: '2', y: '1' } }), '{"z":"","flag":true,"inner":{"y":"1","x":"2"}}\n');
});

t.test('members that are undefined or not in the schema are left out', async (t) => {
  t.equal(print({ z: 's', a: undefined, flag: true, other: 1 }), '{"z":"s","flag":true}\n');
});

t.test('members of a map are sorted by their bytes', async (t) => {
  const labels = writeStrings(
    new Map([
      ['b', '2'],
      ['\u{1f600}', '5'],
      ['10', '1'],
      ['9', '1'],
      ['\uff5e', '4'],
      ['__proto__', '3'],
      ['A', '0'],
    ]),
  );
  t.equal(
    print({ z: 's', flag: true, labels }),
    '{"z":"s","flag":true,"labels":{"10":"1","9":"1","A":"0","__proto__":"3","b":"2","\uff5e":"4","\u{1f600}":"5"}}\n',
  );
  t.equal(print({ z: 's', flag: true, labels: {} }), '{"z":"s","flag":true,"labels":{}}\n');
});

t.test('lists keep their order', async (t) => {
  t.equal(
    print({ z: 's', flag: true, list: [{ n: 2 }, { n: 1.5 }] }),
    '{"z":"s","flag":true,"list":[{"n":2},{"n":1.5}]}\n',
  );
  t.equal(print({ z: 's', flag: true, list: [] }), '{"z":"s","flag":true,"list":[]}\n');
});

t.test('a value without a schema prints with sorted keys', async (t) => {
  const raw: unknown = JSON.parse('{"b":[{"d":null,"c":1}],"a":"<x>","__proto__":{}}');
  t.equal(
    compileSerializer({ schema: Type.Unknown() })(raw),
    String.raw`{"__proto__":{},"a":"\u003cx\u003e","b":[{"c":1,"d":null}]}` + '\n',
  );
  t.equal(print({ z: 's', flag: true, raw }).includes(String.raw`"raw":{"__proto__":{},"a":`), true);
  t.equal(compileSerializer({ schema: Type.Unknown() })([raw]).startsWith('[{'), true);
});

t.test('texts are escaped as in Go', async (t) => {
  t.equal(
    print({ z: '<&>\u2028"\b', flag: true }),
    String.raw`{"z":"\u003c\u0026\u003e\u2028\"\u0008","flag":true}` + '\n',
  );
  t.equal(
    print({ z: '', flag: true, labels: { '<k>': '&' } }),
    String.raw`{"z":"","flag":true,"labels":{"\u003ck\u003e":"\u0026"}}` + '\n',
  );
});

t.test('every answer ends with a line feed', async (t) => {
  t.equal(compileSerializer({ schema: Type.String() })('x'), '"x"\n');
  t.equal(compileSerializer({ schema: Type.Array(Type.String()) })([]), '[]\n');
});

t.test('a value that is printed once has the same text everywhere, and another key is printed anew', async (t) => {
  const Things = Type.Array(Thing);
  let written = 0;
  const printThing = printOnce(Thing, ({ name }: { name: string }) => {
    written += 1;
    return { z: name, flag: true };
  });
  const printAll = compileSerializer({ schema: Things });
  const [first, second] = [{ name: 'a' }, { name: 'b' }];
  const text = '[{"z":"a","flag":true},{"z":"b","flag":true},{"z":"c","flag":false}]\n';
  for (let times = 0; times < 2; times += 1) {
    t.equal(printAll([printThing(first), printThing(second), { z: 'c', flag: false }]), text);
  }
  t.equal(written, 2);
  t.equal(printAll([printThing({ name: 'a' })]), '[{"z":"a","flag":true}]\n');
  t.equal(written, 3);
});
