import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { HeldNetns } from '../../../src/host/namespaces/held-netns.js';
import { Namespaces } from '../../../src/host/namespaces/namespaces.js';
import type { Attachment } from '../../../src/model/attachment.js';
import { address } from '../../support/addresses.js';
import { makeNetns, removeNetns } from '../../support/netns.js';
import { runInside } from '../../support/processes.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const skip = missing('ip', 'nsenter');

function attachment(netns: string, more: Partial<Attachment> = {}): Attachment {
  return {
    networkName: 'web',
    containerId: 'c1',
    containerName: undefined,
    ifName: 'eth0',
    netns,
    macAddress: undefined,
    addresses: [],
    aliases: [],
    portMappings: [],
    ...more,
  };
}

const attached = (text: string) => [{ address: address(text), prefixBits: 24, gateway: undefined }];

t.test('an attachment is alive while its namespace is mounted', { skip }, async (t) => {
  const namespaces = new Namespaces('/run/netns');
  const netns = makeNetns(t, false);
  t.equal(namespaces.judge(attachment(netns.path)), 'alive');
  t.ok(namespaces.isNamedAfter(netns.name));
  t.equal(namespaces.judge(attachment(`${netns.path}-gone`)), 'gone');
  t.notOk(namespaces.isNamedAfter(`${netns.name}-gone`));

  const held = namespaces.holdOf(attachment(netns.path));
  removeNetns(netns);
  t.equal(namespaces.judge(attachment(netns.path)), 'gone');
  t.equal(held?.path, netns.path);
  t.equal(namespaces.holdOf(attachment(netns.path)), undefined);
  held?.close();
});

t.test('the namespace of a process is recognised by its links and addresses', { skip }, async (t) => {
  const netns = makeNetns(t);
  await netns.ip('link', 'add', 'eth0', 'address', '02:00:00:00:00:01', 'type', 'veth', 'peer', 'name', 'peer0');
  await netns.ip('address', 'add', '10.1.0.2/24', 'dev', 'eth0');
  await netns.ip('address', 'add', 'fd01::2/64', 'dev', 'eth0', 'nodad');
  const inside = await runInside(t, netns);
  const scratch = makeScratch(t);
  const link = path.join(scratch, 'link');
  const far = path.join(scratch, 'far');
  symlinkSync(inside.netns, link);
  symlinkSync('link', far);
  const [mac, v4, v6] = [
    { macAddress: '02:00:00:00:00:01' },
    { addresses: attached('10.1.0.2') },
    { addresses: attached('fd01::2') },
  ];
  const rows: readonly (readonly [more: Partial<Attachment>, liveness: string, what: string])[] = [
    [mac, 'alive', 'hardware address'],
    [v4, 'alive', 'IPv4'],
    [v6, 'alive', 'IPv6'],
    [{ ...v4, macAddress: '02:00:00:00:00:02' }, 'alive', 'another hardware address, set inside'],
    [{ ...mac, addresses: attached('10.1.0.3') }, 'alive', 'another address, set inside'],
    [{ macAddress: '02:00:00:00:00:02', addresses: attached('10.1.0.3') }, 'gone', 'both differ'],
    [{ ...mac, ifName: 'eth1' }, 'gone', 'another link'],
    [{ ...mac, ifName: 'peer0' }, 'gone', 'the other end of the veth'],
    [{}, 'unknown', 'no address to recognise it by'],
  ];
  for (const netnsPath of [inside.netns, link, far]) {
    for (const [more, liveness, what] of rows) {
      // Twice, because the first verdict is kept.
      const namespaces = new Namespaces('/run/netns');
      for (const time of ['first', 'second']) {
        t.equal(namespaces.judge(attachment(netnsPath, more)), liveness, `${netnsPath}: ${what}, the ${time} time`);
      }
      const held = namespaces.holdOf(attachment(netnsPath, more));
      t.equal(held !== undefined, liveness === 'alive', `${what}: held`);
      held?.close();
    }
  }
  await netns.ip('link', 'set', 'eth0', 'up');
  await netns.ip('link', 'set', 'eth0', 'down');
  const down = new Namespaces('/run/netns');
  t.equal(down.judge(attachment(inside.netns, v4)), 'alive', 'a link that is down');
  t.equal(down.judge(attachment(inside.netns, mac)), 'alive');
});

t.test('a mark decides without a look at links and addresses', { skip }, async (t) => {
  const namespaces = new Namespaces('/run/netns');
  const netns = makeNetns(t, false);
  const [first, second] = [await runInside(t, netns), await runInside(t, netns)];
  const markOf = (target: string) => {
    const held = HeldNetns.open(target, target);
    held?.close();
    return held?.mark;
  };
  for (const target of [netns.path, first.netns]) {
    const mark = markOf(target);
    t.equal(namespaces.judge(attachment(target, { mark })), 'alive', target);
    t.equal(namespaces.judge(attachment(target, { mark: `${mark}0` })), 'gone', target);
  }
  t.equal(namespaces.judge(attachment(second.netns, { mark: markOf(first.netns) })), 'gone', 'another process');
  const mark = markOf(netns.path);
  const other = makeNetns(t);
  t.equal(namespaces.judge(attachment(other.path, { mark })), 'gone', 'another namespace');
});

t.test('a namespace of the host is never alive', { skip }, async (t) => {
  const scratch = makeScratch(t);
  const own = `/proc/${process.pid}/ns/net`;
  const link = path.join(scratch, 'c1');
  symlinkSync(own, link);
  const namespaces = new Namespaces(scratch);
  for (const target of [own, '/proc/self/ns/net', link]) {
    const held = HeldNetns.open(target, target);
    held?.close();
    for (const mark of [undefined, held?.mark]) {
      t.equal(namespaces.judge(attachment(target, { mark })), 'gone', target);
      t.equal(namespaces.holdOf(attachment(target, { mark })), undefined, target);
    }
  }
  t.notOk(namespaces.isNamedAfter('c1'));
});

t.test('paths without a namespace are gone or unknown', async (t) => {
  const scratch = makeScratch(t);
  const at = (name: string) => path.join(scratch, name);
  writeFileSync(at('file'), '');
  writeFileSync(at('cni-c1'), '');
  mkdirSync(at('folder'));
  const root = new Namespaces(scratch);
  // The process number is above any pid_max of the kernel.
  for (const gone of ['/proc/4194305/ns/net', at('missing'), at('file/below'), at('file'), at('folder')]) {
    t.equal(root.judge(attachment(gone)), 'gone', gone);
  }
  for (const unclear of ['', 'vm-7']) t.equal(root.judge(attachment(unclear)), 'unknown', 'not an absolute path');
  t.notOk(root.isNamedAfter('c1'));

  const user = new Namespaces(scratch, { see: () => undefined });
  t.equal(
    user.judge(attachment(at('file'))),
    'unknown',
    'may be mounted in a mount namespace that podnetd does not see',
  );
  t.equal(user.holdOf(attachment(at('file'))), undefined);
  t.ok(user.isNamedAfter('c1'));
  t.equal(user.judge(attachment(at('missing'))), 'gone');
});
