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
  // The end of a character is missing, one begins in its middle, one is longer than it has to be, and a surrogate is no character.
  [[0xc3], '\udcc3'],
  [[0xe2, 0x82, 0x61], '\udce2\udc82a'],
  [[0xbc, 0xc3], '\udcbc\udcc3'],
  [[0xc0, 0xaf], '\udcc0\udcaf'],
  [[0xed, 0xb3, 0xbf], '\udced\udcb3\udcbf'],
];

t.test('each name has a text of its own, and UTF-8 is what it says', async (t) => {
  for (const [bytes, text] of names) {
    const name = Buffer.from(bytes);
    t.equal(toText(name.toString('latin1')), text, name.toString('hex'));
    t.same(bytesOf(toNative(text)), name, name.toString('hex'));
  }
});

t.test('the text of any bytes leads back to them', async (t) => {
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
    const name = Buffer.from(bytes);
    return bytesOf(toNative(toText(name.toString('latin1')))).equals(name);
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: rounds(1_000, 100_000) }));
});
