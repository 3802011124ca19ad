import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { Namespaces } from '../../src/host/namespaces.js';
import { makeNetns } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

t.test('a namespace is there while it is mounted or a process is in it', { skip: missing('ip') }, async (t) => {
  const namespaces = new Namespaces('/run/netns');
  const netns = makeNetns(t);
  t.ok(namespaces.isThere(netns.path));
  t.ok(namespaces.isNamedAfter(netns.name));
  t.notOk(namespaces.isThere(`${netns.path}-gone`));
  t.notOk(namespaces.isNamedAfter(`${netns.name}-gone`));
});

t.test('what is there and what is not', async (t) => {
  const scratch = makeScratch(t);
  const at = (name: string) => path.join(scratch, name);
  writeFileSync(at('file'), '');
  writeFileSync(at('cni-c1'), '');
  mkdirSync(at('folder'));
  const root = new Namespaces(scratch);
  t.ok(root.isThere(`/proc/${process.pid}/ns/net`));
  // Above what the kernel's pid_max can be.
  for (const gone of ['/proc/4194305/ns/net', at('missing'), at('file/below'), at('file'), at('folder')]) {
    t.notOk(root.isThere(gone), gone);
  }
  t.ok(root.isThere(''), 'unknown');
  t.ok(root.isThere('vm-7'), 'no path');
  t.notOk(root.isNamedAfter('c1'));

  const user = new Namespaces(scratch, () => undefined);
  t.ok(user.isThere(at('file')), 'mounted where we cannot see');
  t.ok(user.isNamedAfter('c1'));
  t.notOk(user.isThere(at('missing')));
});
