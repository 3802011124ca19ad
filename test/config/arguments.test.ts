import t from 'tap';
import { parseArguments } from '../../src/config/arguments.js';
import { ConfigError } from '../../src/config/config-error.js';

t.test('defaults', async (t) => {
  t.same(parseArguments([]), {
    action: 'run',
    flags: {
      listen: [],
      cniConfigDir: undefined,
      cniPluginDirs: [],
      idleTimeoutMs: 0,
      socketMode: 0o660,
      socketGroup: undefined,
      lockTimeoutMs: 30_000,
      logLevel: 'info',
    },
  });
});

t.test('every flag', async (t) => {
  const args = [
    ['--listen', 'unix:///run/a.sock', '--listen=/run/b.sock', '--listen', 'unix:/run//c.sock'],
    ['--cni-config-dir', '/c', '--cni-plugin-dir', '/p', '--cni-plugin-dir', 'relative'],
    ['--idle-timeout', '5', '--socket-mode', '600', '--socket-group', 'docker'],
    ['--lock-timeout', '0.25', '--log-level', 'debug'],
  ].flat();
  t.match(parseArguments(args), {
    flags: {
      listen: ['/run/a.sock', '/run/b.sock', '/run/c.sock'],
      cniConfigDir: '/c',
      cniPluginDirs: ['/p', `${process.cwd()}/relative`],
      idleTimeoutMs: 5_000,
      socketMode: 0o600,
      socketGroup: 'docker',
      lockTimeoutMs: 250,
      logLevel: 'debug',
    },
  });
});

t.test('help and version', async (t) => {
  t.match(parseArguments(['--help']), { action: 'help', text: /--listen unix:\/\/\/PATH/ });
  t.match(parseArguments(['-h']), { action: 'help' });
  t.same(parseArguments(['--version']), { action: 'version' });
});

const bad: readonly (readonly [readonly string[], RegExp])[] = [
  [['--foo'], /^Unknown option '--foo'; see --help$/],
  [['--listen'], /'--listen <value>' argument missing; see --help$/],
  [['stray'], /Unexpected argument 'stray'/],
  [['--help=yes'], /--help.*does not take an argument/],
  [['--listen', 'tcp://127.0.0.1:80'], /^--listen tcp:\/\/127.0.0.1:80: podnetd listens on Unix sockets only/],
  [['--listen', 'relative.sock'], /^--listen relative.sock: .*unix:\/\/\/PATH$/],
  [['--listen', 'unix://host/x'], /^--listen unix:\/\/host\/x: /],
  [['--listen', '/run/folder/'], /^--listen \/run\/folder\/: a socket is no folder$/],
  [['--listen', `/${'x'.repeat(107)}`], /the path has 108 bytes, a socket's has at most 107$/],
  [['--cni-config-dir', ''], /^--cni-config-dir: the value is empty$/],
  [['--cni-plugin-dir', ''], /^--cni-plugin-dir: the value is empty$/],
  [['--socket-group', ''], /^--socket-group: the value is empty$/],
  [['--idle-timeout', '-1'], /--idle-timeout/],
  [['--idle-timeout=-1'], /^--idle-timeout -1: not a whole number of seconds from 0/],
  [['--idle-timeout', '1.5'], /^--idle-timeout 1.5: /],
  [['--idle-timeout', '99999999'], /^--idle-timeout 99999999: /],
  [['--lock-timeout', '0'], /^--lock-timeout 0: not a number of seconds above 0/],
  [['--lock-timeout', 'ten'], /^--lock-timeout ten: /],
  [['--socket-mode', '0668'], /^--socket-mode 0668: not three octal digits/],
  [['--socket-mode', '4660'], /^--socket-mode 4660: /],
  [['--socket-mode', '66'], /^--socket-mode 66: /],
  [['--log-level', 'loud'], /^--log-level loud: not one of trace, debug/],
  [['--log-level', 'a\nb'], /^--log-level a\\u000ab: /],
];

for (const [args, message] of bad) {
  t.test(JSON.stringify(args).slice(0, 60), async (t) => {
    try {
      parseArguments(args);
      t.fail('is refused');
    } catch (error) {
      t.ok(error instanceof ConfigError);
      t.match((error as Error).message, message);
      t.notMatch((error as Error).message, /\n/, 'one line');
    }
  });
}
