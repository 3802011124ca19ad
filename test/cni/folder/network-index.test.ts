import { array, assert, constantFrom, property, record } from 'fast-check';
import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import type { IndexedFile } from '../../../src/cni/folder/indexed-file.js';
import { NetworkIndex } from '../../../src/cni/folder/network-index.js';

const conflist = (name: string, type: string) => JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type }] });

function file(key: string, text: string): IndexedFile {
  return { key, path: `/net.d/${key}`, decoded: decodeFile(text, true, 0n) };
}

const keys = ['a', 'b', 'c', 'd'].map((letter) => `${letter}.conflist`);
/** Texts of a file; the last one takes the name and is no valid network. */
const texts = [
  conflist('one', 'bridge'),
  conflist('two', 'bridge'),
  conflist('two', 'macvlan'),
  '{"name":"one","plugins":[]}',
];

t.test('an index after many changes equals a new one', async (t) => {
  const steps = array(record({ key: constantFrom(...keys), text: constantFrom(...texts, undefined) }), {
    maxLength: 20,
  });
  assert(
    property(steps, (taken) => {
      const index = new NetworkIndex();
      const files = new Map<string, IndexedFile>();
      for (const { key, text } of taken) {
        if (text === undefined) {
          files.delete(key);
          index.remove(key);
        } else {
          files.set(key, file(key, text));
          index.put(files.get(key) ?? file(key, text));
        }
        const fresh = new NetworkIndex();
        for (const each of files.values()) fresh.put(each);
        t.strictSame(index.networks(), fresh.networks());
        t.equal(index.networks(), index.networks(), 'the same array while nothing changes');
      }
    }),
  );
});
