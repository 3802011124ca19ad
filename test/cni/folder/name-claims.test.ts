import * as fc from 'fast-check';
import t from 'tap';
import type { IndexedFile } from '../../../src/cni/folder/indexed-file.js';
import { NameClaims } from '../../../src/cni/folder/name-claims.js';

/** Claims of names against a plain list of claims. */

const makeFile = (key: string, isNetwork: boolean) =>
  ({ key, decoded: { network: isNetwork ? {} : undefined } }) as unknown as IndexedFile;

const step = fc.record({
  name: fc.constantFrom('a', 'b'),
  key: fc.constantFrom('1', '2', '3'),
  adds: fc.boolean(),
  valid: fc.boolean(),
});

t.test('claims that come and go', async () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const claims = new NameClaims();
      let held: { readonly name: string; readonly file: IndexedFile }[] = [];
      const ofName = (name: string) => held.filter((one) => one.name === name).map(({ file }) => file);
      for (const { name, key, adds, valid } of steps) {
        const there = held.find((one) => one.name === name && one.file.key === key);
        if (adds && there === undefined) {
          const file = makeFile(key, valid);
          if (claims.add(name, file) !== (ofName(name).length === 0)) return false;
          held.push({ name, file });
        } else if (!adds && there !== undefined) {
          held = held.filter((one) => one !== there);
          if (claims.remove(name, there.file) !== (ofName(name).length === 0)) return false;
        }
      }
      const sorted = (name: string) => ofName(name).toSorted((a, b) => (a.key < b.key ? -1 : 1));
      const contested = ['a', 'b'].filter((name) => ofName(name).length > 1).flatMap(ofName);
      return (
        ['a', 'b'].every(
          (name) =>
            claims.of(name).every((file, index) => file === sorted(name)[index]) &&
            claims.of(name).length === sorted(name).length &&
            claims.shown(name) === sorted(name).find((file) => file.decoded.network !== undefined),
        ) &&
        new Set(claims.names).size === ['a', 'b'].filter((name) => ofName(name).length > 0).length &&
        contested.length === claims.contested().length &&
        contested.every((file) => claims.contested().includes(file))
      );
    }),
    { numRuns: 500 },
  );
});
