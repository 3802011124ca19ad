import { chownSync, renameSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { readIdentity } from '../../src/config/identity.js';

const machine = { euid: 1000, userRuntimeRoot: '/no/such', temporaryDir: '/tmp' };

t.test('this process', async (t) => {
  const identity = readIdentity(process.env);
  t.equal(identity.euid, process.geteuid?.());
  t.equal(identity.rootless, identity.euid !== 0);
});

t.test('root', async (t) => {
  t.same(readIdentity({ HOME: '/root', XDG_RUNTIME_DIR: '/run/user/1000' }, { ...machine, euid: 0 }), {
    euid: 0,
    rootless: false,
    home: '/root',
    configHome: '/root/.config',
    stateHome: '/root/.local/state',
    runtimeDir: '/run',
  });
});

t.test('a user', async (t) => {
  t.same(
    readIdentity({ HOME: '/home/a', XDG_CONFIG_HOME: '/c/', XDG_STATE_HOME: '/s/', XDG_RUNTIME_DIR: '/r' }, machine),
    {
      euid: 1000,
      rootless: true,
      home: '/home/a',
      configHome: '/c',
      stateHome: '/s',
      runtimeDir: '/r',
    },
  );
});

t.test('empty and relative values count as unset', async (t) => {
  for (const value of ['', 'relative', undefined]) {
    const env = { HOME: value, XDG_CONFIG_HOME: value, XDG_STATE_HOME: value, XDG_RUNTIME_DIR: value };
    const identity = readIdentity(env, machine);
    t.equal(identity.home, os.userInfo().homedir);
    t.equal(identity.configHome, path.join(identity.home, '.config'));
    t.equal(identity.stateHome, path.join(identity.home, '.local/state'));
    t.equal(identity.runtimeDir, '/tmp/podnetd-run-1000');
  }
});

t.test('the runtime folder of the user, when the user owns it', async (t) => {
  const mine = process.geteuid?.() ?? 0;
  // Only root may give a folder away, so as root the owner is another uid.
  const euid = mine === 0 ? 12_345 : mine;
  const root = t.testdir({ [String(euid)]: {}, [String(euid + 1)]: {}, [String(euid + 2)]: 'a file' });
  const own = path.join(root, String(euid));
  if (mine === 0) chownSync(own, euid, euid);
  const find = (asked: number) => readIdentity({}, { ...machine, euid: asked, userRuntimeRoot: root }).runtimeDir;
  t.equal(find(euid), own);
  t.equal(find(euid + 1), `/tmp/podnetd-run-${euid + 1}`, 'another user owns it');
  t.equal(find(euid + 2), `/tmp/podnetd-run-${euid + 2}`, 'a file');
  t.equal(find(euid + 3), `/tmp/podnetd-run-${euid + 3}`, 'missing');
  const elsewhere = path.join(root, 'elsewhere');
  renameSync(own, elsewhere);
  symlinkSync(elsewhere, own);
  t.equal(find(euid), `/tmp/podnetd-run-${euid}`, "a link to the user's folder");
});
