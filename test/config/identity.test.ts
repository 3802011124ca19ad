import path from 'node:path';
import t from 'tap';
import { readIdentity } from '../../src/host/identity.js';

t.test('folders of the user that runs it', async (t) => {
  const { euid, rootless, configHome, runtimeDir } = readIdentity({ HOME: '/home/u', XDG_RUNTIME_DIR: '/run/user/7' });
  t.equal(euid, process.geteuid?.());
  t.equal(rootless, euid !== 0);
  t.equal(configHome, '/home/u/.config');
  t.equal(runtimeDir, rootless ? '/run/user/7' : '/run');
});

t.test('relative and empty variables are ignored', async (t) => {
  t.equal(readIdentity({ HOME: '/home/u', XDG_CONFIG_HOME: 'relative' }).configHome, '/home/u/.config');
  t.equal(readIdentity({ HOME: '/home/u', XDG_CONFIG_HOME: '' }).configHome, '/home/u/.config');
  t.equal(readIdentity({ HOME: '/home/u', XDG_CONFIG_HOME: '/xdg' }).configHome, '/xdg');
  t.ok(path.isAbsolute(readIdentity({}).configHome));
});
