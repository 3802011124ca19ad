import t, { type Test } from 'tap';
import { parseCall } from '../../src/commands/parse.js';
import { readFlags } from '../../src/config/flags.js';
import { loadConfig } from '../../src/config/load.js';
import { rootsIn } from '../support/config-roots.js';
import { root, user } from '../support/identities.js';

function listen(folder: string, identity = root, ...args: readonly string[]) {
  return loadConfig(readFlags(parseCall(args).options), {}, identity, rootsIn(folder)).listen;
}

const table = (...lines: readonly string[]) => `[[sockets]]\n${lines.join('\n')}\n`;

t.test('the tables of a file are all the sockets', async (t) => {
  const folder = t.testdir({
    'admin.toml':
      table('path = "/run/podnetd/podnetd.sock"') +
      table(
        'path = "/run/podnetd/read.sock"',
        'role = "read"',
        'mode = "0666"',
        'group = "monitoring"',
        'label = "team=x"',
      ),
  });
  t.strictSame(listen(folder), [
    { path: '/run/podnetd/podnetd.sock' },
    {
      path: '/run/podnetd/read.sock',
      role: 'read',
      mode: 0o666,
      group: 'monitoring',
      label: { key: 'team', value: 'x' },
    },
  ]);
  t.strictSame(listen(folder, root, '--listen', '/flag.sock'), [{ path: '/flag.sock' }], 'flags win');
  t.strictSame(listen(folder, user), [{ path: '/r/podnetd/podnetd.sock' }], "root's sockets are not a user's");
});

t.test('a later file wins, and a user has sockets of the own file', async (t) => {
  const folder = t.testdir({
    'admin.toml': table('path = "/a"'),
    'admin.toml.d': { '1.toml': table('path = "/b"', 'role = "operate"') },
    'user.toml': table('path = "/u"', 'role = "read"'),
  });
  t.strictSame(listen(folder), [{ path: '/b', role: 'operate' }]);
  t.strictSame(listen(folder, user), [{ path: '/u', role: 'read' }]);
});

t.test('faults', async (t) => {
  const refuses = (t: Test, toml: string, problem: string) => {
    const folder = t.testdir({ 'admin.toml': toml });
    t.throws(() => listen(folder), { name: 'ConfigError', message: `${folder}/admin.toml:${problem}` }, problem);
  };
  for (const [toml, problem] of [
    ['sockets = "/a"\n', '1: sockets: "/a" is not a list of tables'],
    [table('role = "read"'), '1: sockets[0].path: is missing; it must be a string'],
    [table('path = "a"'), '2: sockets[0].path: "a" is not an absolute path'],
    [table('path = "unix:///a"'), '2: sockets[0].path: "unix:///a" is not an absolute path'],
    [table('path = "/a/"'), '2: sockets[0].path: path /a/: a socket is no folder'],
    [table('path = "/a"', 'role = "reader"'), '3: sockets[0].role: "reader" is not one of "read", "operate", "admin"'],
    [table('path = "/a"', 'mode = 0o666'), '3: sockets[0].mode: 438 is not three octal digits in quotes, as "0660"'],
    [table('path = "/a"', 'mode = "999"'), '3: sockets[0].mode: "999" is not three octal digits in quotes, as "0660"'],
    [table('path = "/a"', 'group = ""'), '3: sockets[0].group: "" is not a string of at least one character'],
    [table('path = "/a"', 'rol = "read"'), '3: sockets[0].rol: no such key; there is path, role, mode, group, label'],
    [table('path = "/a"', 'label = "team"'), '3: sockets[0].label: "team" is not KEY=VALUE, as team=x'],
    [
      table('path = "/a"') + table('path = "//a"', 'role = "read"'),
      '4: sockets[1].path: /a stands twice, with other settings; leave one out',
    ],
  ] as const)
    refuses(t, toml, problem);
});
