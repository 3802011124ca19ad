import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';

t.test('a plugin may have any name', async (t) => {
  for (const type of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']) {
    const text = JSON.stringify({ cniVersion: '0.4.0', name: 'x', plugins: [{ type }] });
    const { network, podmanShaped, problem } = decodeFile(text, true, 0n);
    t.match({ network, podmanShaped, problem }, { network: { driver: type }, podmanShaped: false, problem: undefined });
  }
});
