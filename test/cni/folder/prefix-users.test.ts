import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import type { IndexedFile } from '../../../src/cni/folder/indexed-file.js';
import { PrefixUsers } from '../../../src/cni/folder/prefix-users.js';
import { cidr } from '../../support/addresses.js';

const files = ['a', 'b', 'c'].map((key): IndexedFile => ({
  key,
  path: `/${key}`,
  decoded: decodeFile('{}', true, 0n),
}));
// Of one base, and of bases that are one number.
const prefixes = ['10.0.0.0/8', '10.0.0.0/24', '10.0.1.0/24', '::a00:0/120', 'fd00::/64', 'fd00::1:0/112'].map(cidr);

t.test('each prefix has the files that were added with it and not removed since', async () => {
  const step = fc.record({
    adds: fc.boolean(),
    prefix: fc.constantFrom(...prefixes),
    file: fc.constantFrom(...files),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const users = new PrefixUsers();
      const wanted = new Map(prefixes.map((prefix) => [prefix, [] as IndexedFile[]]));
      for (const { adds, prefix, file } of steps) {
        const list = wanted.get(prefix) ?? [];
        if (adds) users.add(prefix, file);
        else users.remove(prefix, file);
        if (adds) list.push(file);
        else if (list.includes(file)) list.splice(list.indexOf(file), 1);
      }
      for (const [prefix, list] of wanted) assert.deepEqual(users.of(prefix), list);
    }),
    { numRuns: 300 },
  );
});
