import { createHash } from 'node:crypto';
import t from 'tap';
import { NetworkError } from '../../src/model/errors/errors.js';
import {
  checkBridgeName,
  checkNetworkName,
  maxInterfaceNameBytes,
  maxNameBytes,
  networkId,
  refuseReservedName,
} from '../../src/model/names.js';

/** The code of the refusal; undefined when there is none. */
function codeOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof NetworkError) return error.code;
    throw error;
  }
}

const good = [
  'a',
  '0',
  'A-b_c.d',
  '9-',
  'cni-podman1',
  'create',
  'podman',
  '__proto__'.slice(2),
  'a'.repeat(maxNameBytes),
];
const bad = [
  '',
  '-a',
  '.a',
  '_a',
  '__proto__',
  'a b',
  'a/b',
  '../x',
  'a\n',
  '\na',
  'a\u0000',
  'foo ',
  'é',
  'aé',
  'ａ',
  'a:b',
  'a%20',
];

t.test('names of networks', async (t) => {
  for (const name of good)
    t.equal(
      codeOf(() => checkNetworkName(name)),
      undefined,
      JSON.stringify(name),
    );
  for (const name of bad)
    t.equal(
      codeOf(() => checkNetworkName(name)),
      'nameInvalid',
      JSON.stringify(name),
    );
  t.equal(
    codeOf(() => checkNetworkName('a'.repeat(maxNameBytes + 1))),
    'nameTooLong',
  );
  t.equal(
    codeOf(() => checkNetworkName('é'.repeat(maxNameBytes / 2 + 1))),
    'nameTooLong',
    'bytes count, not characters',
  );
  t.equal(maxNameBytes + '.conflist'.length <= 255, true, 'a file can have the name');
});

t.test('names of bridges', async (t) => {
  for (const name of ['a', 'br-0.1', 'b'.repeat(maxInterfaceNameBytes)]) {
    t.equal(
      codeOf(() => checkBridgeName(name)),
      undefined,
      name,
    );
  }
  for (const name of bad)
    t.equal(
      codeOf(() => checkBridgeName(name)),
      'bridgeNameInvalid',
      JSON.stringify(name),
    );
  t.equal(
    codeOf(() => checkBridgeName('b'.repeat(maxInterfaceNameBytes + 1))),
    'bridgeNameTooLong',
  );
});

t.test('names that mean a network mode', async (t) => {
  for (const name of ['none', 'host', 'bridge', 'private', 'slirp4netns', 'pasta', 'container', 'ns', 'default']) {
    t.equal(
      codeOf(() => refuseReservedName(name)),
      'nameReserved',
      name,
    );
  }
  for (const name of ['', 'podman', 'Bridge', 'bridge0', 'constructor']) {
    t.equal(
      codeOf(() => refuseReservedName(name)),
      undefined,
      name,
    );
  }
});

t.test('an id is the sha256 of the name', async (t) => {
  t.equal(networkId('podman'), '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9');
  t.equal(networkId('é'), createHash('sha256').update(Buffer.from('é', 'utf8')).digest('hex'));
});
