import * as fc from 'fast-check';
import t from 'tap';
import { toNative, toText } from '../../../src/host/files/file-name.js';
import { rounds } from '../../support/rounds.js';

const bytesOf = (native: string | Buffer) => (typeof native === 'string' ? Buffer.from(native) : native);

const names: readonly (readonly [bytes: readonly number[], text: string])[] = [
  [[0x61, 0x2e, 0x62], 'a.b'],
  [[0xc3, 0xbc], 'ü'],
  [[0xf0, 0x9f, 0x90, 0xb3], '🐳'],
  [[0xef, 0xbf, 0xbd], '\ufffd'],
  [[0xff], '\udcff'],
  [[0x61, 0xff, 0xef, 0xbf, 0xbd, 0xfe], 'a\udcff\ufffd\udcfe'],
  // Not UTF-8: a character without its end, one without its beginning, an overlong one, and a surrogate.
  [[0xc3], '\udcc3'],
  [[0xe2, 0x82, 0x61], '\udce2\udc82a'],
  [[0xbc, 0xc3], '\udcbc\udcc3'],
  [[0xc0, 0xaf], '\udcc0\udcaf'],
  [[0xed, 0xb3, 0xbf], '\udced\udcb3\udcbf'],
];

t.test('UTF-8 names are decoded, and every other name has a text of its own', async (t) => {
  for (const [bytes, text] of names) {
    const name = Buffer.from(bytes);
    t.equal(toText(name.toString('latin1')), text, name.toString('hex'));
    t.same(bytesOf(toNative(text)), name, name.toString('hex'));
  }
});

t.test('the text of a name leads back to its bytes, whatever they are', async (t) => {
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
    const name = Buffer.from(bytes);
    return bytesOf(toNative(toText(name.toString('latin1')))).equals(name);
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: rounds(1_000, 100_000) }));
});
