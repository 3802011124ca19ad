import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { decodeWritten } from '../../../src/cni/conflist/decode-written.js';

const listOf = (bridge: string) =>
  JSON.stringify({ cniVersion: '0.4.0', name: 'web', plugins: [{ type: 'bridge', bridge, ipam: {} }] });

t.test('the text of the last call is decoded once, and every other one as it says', async (t) => {
  const [one, other] = [listOf('cni-podman1'), listOf('cni-podman2')];
  const first = decodeWritten(one);
  t.strictSame(first, decodeFile(one, true, 0n));
  t.equal(decodeWritten(listOf('cni-podman1')), first, 'an equal text');
  t.strictSame(decodeWritten(other), decodeFile(other, true, 0n), 'another text of the same network');
  t.strictSame(decodeWritten(one), decodeFile(one, true, 0n), 'the first text again');
});

t.test('a text that is no list fails each time', async (t) => {
  for (const time of ['first', 'second']) t.throws(() => decodeWritten('{'), { name: 'DecodeError' }, time);
});
