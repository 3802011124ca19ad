import path from 'node:path';
import t, { type Test } from 'tap';
import { parseCall } from '../../src/commands/parse.js';
import { ConfigError } from '../../src/config/config-error.js';
import { readFlags } from '../../src/config/flags.js';

function flagsOf(...args: string[]) {
  return readFlags(parseCall(args).options);
}

function refusal(t: Test, ...args: string[]): string {
  try {
    flagsOf(...args);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    t.notMatch(error.message, /[\p{Cc}\u2028\u2029]/u, 'one line');
    return error.message;
  }
  t.fail('nothing was refused');
  return '';
}

t.test('defaults', async (t) => {
  t.same(flagsOf(), {
    listen: [],
    cniConfigDir: undefined,
    cniPluginDirs: [],
    cniCacheDir: undefined,
    idleTimeoutMs: 0,
    socketMode: 0o660,
    socketGroup: undefined,
    lockTimeoutMs: 30_000,
    logLevel: 'info',
    logFormat: 'auto',
  });
});

t.test('every flag', async (t) => {
  const args =
    '--listen unix:///run/a.sock --listen /run/b.sock --cni-config-dir /c --cni-plugin-dir /p --cni-plugin-dir q ' +
    '--cni-cache-dir /l ' +
    '--idle-timeout 5 --socket-mode 600 --socket-group docker --lock-timeout 0.5 --log-level silent --log-format json';
  t.same(flagsOf(...args.split(' ')), {
    listen: [{ path: '/run/a.sock' }, { path: '/run/b.sock' }],
    cniConfigDir: '/c',
    cniPluginDirs: ['/p', path.resolve('q')],
    cniCacheDir: '/l',
    idleTimeoutMs: 5000,
    socketMode: 0o600,
    socketGroup: 'docker',
    lockTimeoutMs: 500,
    logLevel: 'silent',
    logFormat: 'json',
  });
});

t.test('folders are resolved against the working folder', async (t) => {
  t.equal(flagsOf('--cni-config-dir', 'a/../b/').cniConfigDir, path.resolve('b'));
});

t.test('sockets', async (t) => {
  t.same(
    flagsOf('--listen', '/run//a.sock', '--listen', 'unix:///run/a.sock').listen,
    [{ path: '/run/a.sock' }],
    'listed once',
  );
  const longest = `/${'é'.repeat(53)}`;
  t.same(flagsOf('--listen', longest).listen, [{ path: longest }], '107 bytes');
});

t.test('settings of a socket', async (t) => {
  const listen = (...values: readonly string[]) => flagsOf(...values.flatMap((value) => ['--listen', value])).listen;
  t.same(listen('unix:///r.sock?role=read&mode=0666&group=monitoring', 'unix:/o.sock?role=operate'), [
    { path: '/r.sock', role: 'read', mode: 0o666, group: 'monitoring' },
    { path: '/o.sock', role: 'operate' },
  ]);
  t.same(
    listen(
      'unix:///r.sock?role=read&label=team=x=y',
      'unix:///s.sock?label=team=&role=operate',
      'unix:///t.sock?label=team=x',
    ).map(({ label }) => label),
    [
      { key: 'team', value: 'x=y' },
      { key: 'team', value: '' },
      { key: 'team', value: 'x' },
    ],
  );
  t.same(listen('unix:///r.sock?group=a%20b%25=c'), [{ path: '/r.sock', group: 'a b%=c' }], 'a value may be encoded');
  t.same(listen('/a?role=read'), [{ path: '/a?role=read' }], 'a path alone is no URL');
  t.same(listen('unix:///a?role=read', 'unix:///b/../a?role=read'), [{ path: '/a', role: 'read' }], 'listed once');
});

t.test('bounds', async (t) => {
  t.equal(flagsOf('--idle-timeout', '2147483').idleTimeoutMs, 2_147_483_000);
  t.equal(flagsOf('--lock-timeout', '0.0001').lockTimeoutMs, 1, 'never rounded down to none');
  t.equal(flagsOf('--socket-mode', '0777').socketMode, 0o777);
});

const unixOnly = 'podnetd listens on Unix sockets only: unix:///PATH';
const refused: readonly [string[], string][] = [
  ...['tcp://127.0.0.1:80', 'fd://', 'run/a.sock', 'unix://run/a.sock', '@abstract'].map(
    (value): [string[], string] => [['--listen', value], `--listen ${value}: ${unixOnly}`],
  ),
  [['--listen='], `--listen : ${unixOnly}`],
  [['--listen', 'unix:///run/'], '--listen unix:///run/: a socket is no folder'],
  [
    ['--listen', `/${'a'.repeat(107)}`],
    `--listen /${'a'.repeat(107)}: the path has 108 bytes, a socket's has at most 107`,
  ],
  ...(
    [
      ['unix:///a?', 'no such setting ""; there is role, mode, group, label'],
      ['unix:///a?rol=read', 'no such setting "rol"; there is role, mode, group, label'],
      ['unix:///a?Role=read', 'no such setting "Role"; there is role, mode, group, label'],
      ['unix:///a?role=read&', 'no such setting ""; there is role, mode, group, label'],
      ['unix:///a?role', 'role has no value; write role=VALUE'],
      ['unix:///a?role=', 'role : not one of read, operate, admin'],
      ['unix:///a?role=READ', 'role READ: not one of read, operate, admin'],
      ['unix:///a?role=read?mode=0666', 'role read?mode=0666: not one of read, operate, admin'],
      ['unix:///a?role=read&role=read', 'role stands twice; leave one out'],
      ['unix:///a?role=read&label=team', 'label team: not KEY=VALUE, as team=x'],
      ['unix:///a?role=read&label==x', 'label =x: not KEY=VALUE, as team=x'],
      ['unix:///a?mode=9', 'mode 9: not three octal digits, with or without a 0 before them, as in 0660'],
      ['unix:///a?group=', 'group: the value is empty; give one, or leave it out'],
      ['unix:///a?group=%zz', '%zz has a % that begins no encoded byte; write %25 for a percent sign'],
    ] as const
  ).map(([value, rule]): [string[], string] => [['--listen', value], `--listen ${value}: ${rule}`]),
  [['--listen', 'unix://a?role=read'], `--listen unix://a: ${unixOnly}`],
  [
    ['--listen', '/a', '--listen', 'unix:///a?role=read'],
    '--listen unix:///a?role=read: /a stands twice, with other settings; leave one out',
  ],
  [['--listen', 'a\nb'], `--listen a\\u000ab: ${unixOnly}`],
  [['--cni-config-dir='], '--cni-config-dir: the value is empty; give one, or leave it out'],
  [['--cni-plugin-dir='], '--cni-plugin-dir: the value is empty; give one, or leave it out'],
  [['--cni-cache-dir='], '--cni-cache-dir: the value is empty; give one, or leave it out'],
  [['--socket-group='], '--socket-group: the value is empty; give one, or leave it out'],
  ...['-1', '1.5', 'x', '', '2147484'].map((value): [string[], string] => [
    [`--idle-timeout=${value}`],
    `--idle-timeout ${value}: not a whole number of seconds from 0 to 2147483`,
  ]),
  ...['0', '-1', 'x', '', '1e3', '2147484'].map((value): [string[], string] => [
    [`--lock-timeout=${value}`],
    `--lock-timeout ${value}: not a number of seconds above 0, up to 2147483`,
  ]),
  ...['66', '1777', '0888', '00660', '0o660', ''].map((value): [string[], string] => [
    [`--socket-mode=${value}`],
    `--socket-mode ${value}: not three octal digits, with or without a 0 before them, as in 0660`,
  ]),
  [['--log-level', 'loud'], '--log-level loud: not one of trace, debug, info, warn, error, fatal, silent'],
  [['--log-format', 'xml'], '--log-format xml: not one of auto, json, pretty'],
];

for (const [args, expected] of refused) {
  t.test(`refused: ${JSON.stringify(args.join(' '))}`, async (t) => {
    t.equal(refusal(t, ...args), expected);
  });
}
