import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import type { IndexedFile } from '../../../src/cni/folder/indexed-file.js';
import { NetworkIndex } from '../../../src/cni/folder/network-index.js';
import { PlannedNames } from '../../../src/cni/folder/planned-names.js';
import { planDefaultNetwork } from '../../../src/network/create/default-network.js';
import { deviceName } from '../../../src/model/names.js';
import { cidr } from '../../support/addresses.js';

class CountingIndex extends NetworkIndex {
  questions = 0;

  override bridgeCount(bridge: string): number {
    this.questions += 1;
    return super.bridgeCount(bridge);
  }
}

function file(number: number): IndexedFile {
  const ipam = { type: 'host-local', ranges: [[{ subnet: `10.${number >> 8}.${number & 255}.0/24` }]] };
  const name = `n${number}`;
  const text = JSON.stringify({
    cniVersion: '0.4.0',
    name,
    plugins: [{ type: 'bridge', bridge: deviceName(number), isGateway: true, ipam }],
  });
  return { key: `${name}.conflist`, path: `/${name}.conflist`, decoded: decodeFile(text, true, 0n) };
}

const settings = { defaultSubnet: cidr('10.88.0.0/16') };
const planned = (device: string) => ({
  ...planDefaultNetwork({ ...settings, defaultNetwork: device }),
  networkInterface: device,
});
const none = () => false;

t.test('a device that a removal frees is found at once, however many are taken', (t) => {
  const index = new CountingIndex();
  const files = Array.from({ length: 2_000 }, (_, position) => file(position + 1));
  for (const known of files) index.put(known);
  const names = new PlannedNames(index);
  names.apply({ before: files[700], after: undefined });
  names.apply({ before: files[4], after: undefined });
  index.questions = 0;
  const numbers = Array.from({ length: 100 }, () => {
    const number = names.freeDeviceNumber(none);
    names.apply({ before: undefined, after: planned(deviceName(number)) });
    return number;
  });
  t.same(numbers, [5, 701, ...Array.from({ length: 98 }, (_, position) => 2_001 + position)]);
  t.ok(index.questions < 1_000, `${index.questions} bridges were asked for`);
  t.end();
});

t.test('the search skips a live device, and finds one that is freed behind it', (t) => {
  const index = new NetworkIndex();
  const files = [1, 2, 3].map(file);
  for (const known of files) index.put(known);
  const names = new PlannedNames(index);
  t.equal(
    names.freeDeviceNumber((device) => device === deviceName(4)),
    5,
  );
  t.equal(names.freeDeviceNumber(none), 4);
  names.apply({ before: undefined, after: planned(deviceName(4)) });
  t.equal(names.freeDeviceNumber(none), 5);
  names.apply({ before: files[1], after: undefined });
  t.equal(names.freeDeviceNumber(none), 2);
  t.equal(
    names.freeDeviceNumber((device) => device === deviceName(2)),
    5,
  );
  t.end();
});

t.test('a replacement frees what the old network had, and takes what the new one has', (t) => {
  const index = new NetworkIndex();
  const [before] = [file(1)];
  index.put(before);
  const names = new PlannedNames(index);
  const after = { ...planned('br-new'), name: 'n1' };
  names.apply({ before, after });
  t.ok(names.hasName('n1'));
  t.notOk(names.hasBridge(deviceName(1)));
  t.ok(names.hasBridge('br-new'));
  t.notOk(names.used.overlaps(cidr('10.0.1.0/24')));
  t.ok(names.used.overlaps(cidr('10.88.3.0/24')));
  t.end();
});

t.test('each prefix in use has the network and the file that name it', (t) => {
  const index = new NetworkIndex();
  const [kept, removed] = [file(1), file(2)];
  for (const known of [kept, removed]) index.put(known);
  const broken = decodeFile('{"plugins":[{"ipam":{"type":"host-local","subnet":"10.3.0.0/24"}}]}', true, 0n);
  index.put({ key: 'broken.conflist', path: '/broken.conflist', decoded: broken });
  const names = new PlannedNames(index);
  names.apply({ before: removed, after: undefined });
  names.apply({ before: undefined, after: planned('br-new') });
  const userOf = (prefix: string) => names.userOf(cidr(prefix));
  t.same(userOf('10.0.1.0/24'), { network: kept.decoded.name, path: kept.path });
  t.same(userOf('10.3.0.0/24'), { network: undefined, path: '/broken.conflist' });
  t.same(userOf('10.88.0.0/16'), { network: 'br-new', path: undefined });
  for (const prefix of ['10.0.1.0/25', '10.0.2.0/24', '10.88.0.0/24', '::/16'])
    t.equal(userOf(prefix), undefined, prefix);
  t.end();
});
