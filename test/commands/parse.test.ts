import t from 'tap';
import { parseCall } from '../../src/commands/parse.js';
import { ConfigError } from '../../src/config/config-error.js';

const call = (...args: readonly string[]) => {
  const { options, ...rest } = parseCall(args);
  return { ...rest, options: Object.fromEntries(options) };
};

t.test('a bare podnetd serves, and takes the flags of serve', async (t) => {
  t.same(call(), { command: 'serve', arguments: [], options: {} });
  const options = { listen: ['/a', '/b'], 'log-level': ['debug'] };
  const flags = ['--listen', '/a', '--log-level=debug', '--listen', '/b'];
  t.same(call(...flags), { command: 'serve', arguments: [], options });
  t.same(call('serve', ...flags), { command: 'serve', arguments: [], options });
});

t.test('commands', async (t) => {
  t.same(call('config', '--json', '--lock-timeout', '5'), {
    command: 'config',
    arguments: [],
    options: { json: [], 'lock-timeout': ['5'] },
  });
  t.same(call('help', 'config'), { command: 'help', arguments: ['config'], options: {} });
  t.same(call('audit', 'verify', 'a', 'b'), { command: 'audit', arguments: ['verify', 'a', 'b'], options: {} });
  t.same(call('version'), { command: 'version', arguments: [], options: {} });
});

t.test('help and version as flags', async (t) => {
  for (const args of [['--help'], ['-h'], ['--version', '--help']])
    t.same(call(...args), { command: 'help', arguments: [], options: {} }, args.join(' '));
  t.same(call('config', '--json', '--help'), { command: 'help', arguments: ['config'], options: {} });
  t.same(call('--version'), { command: 'version', arguments: [], options: {} });
});

const refused: readonly (readonly [args: readonly string[], message: string])[] = [
  [['sreve'], 'sreve: no such command, the nearest is serve; see podnetd help'],
  [['serv'], 'serv: no such command, the nearest is serve; see podnetd help'],
  [['frobnicate'], 'frobnicate: no such command; see podnetd help'],
  [['constructor'], 'constructor: no such command; see podnetd help'],
  [[''], ': no such command; see podnetd help'],
  [['x'.repeat(100_000)], `${'x'.repeat(100_000)}: no such command; see podnetd help`],
  [['a\nb'], 'a\\u000ab: no such command; see podnetd help'],
  [['--colour'], '--colour: no such flag; see podnetd serve --help'],
  [['--log-levle', 'debug'], '--log-levle: no such flag, the nearest is --log-level; see podnetd serve --help'],
  [['--lsiten=/a'], '--lsiten: no such flag, the nearest is --listen; see podnetd serve --help'],
  [['Serve'], 'Serve: no such command, the nearest is serve; see podnetd help'],
  [['--HELP'], '--HELP: no such flag, the nearest is --help; see podnetd serve --help'],
  [['--json', 'config'], 'config: a command stands before its flags: podnetd config …'],
  [['--jsno', 'config'], '--jsno: no such flag; see podnetd serve --help'],
  [['audit'], 'audit: the argument verify is missing; the form is podnetd audit verify FILE... [FLAGS]'],
  [['audit', 'verify'], 'audit: the argument FILE is missing; the form is podnetd audit verify FILE... [FLAGS]'],
  [['audit', 'verfy', 'a'], 'audit verfy: not verify; the form is podnetd audit verify FILE... [FLAGS]'],
  [['--json'], '--json: no such flag; see podnetd serve --help'],
  [['config', '--jsno'], '--jsno: no such flag, the nearest is --json; see podnetd config --help'],
  [['-x'], '-x: no such flag; see podnetd serve --help'],
  [['--constructor'], '--constructor: no such flag; see podnetd serve --help'],
  [['--no-help'], '--no-help: no such flag; see podnetd serve --help'],
  [['--version=1'], '--version=1: the flag takes no value; see podnetd serve --help'],
  [['--listen'], '--listen: the value unix:///PATH is missing; see podnetd serve --help'],
  [
    ['--idle-timeout', '-1'],
    '--idle-timeout -1: a value that starts with a dash is written --idle-timeout=-1; see podnetd serve --help',
  ],
  [['--log-level', 'debug', 'config'], 'config: a command stands before its flags: podnetd config …'],
  [['serve', 'now'], 'now: serve takes no argument besides flags; see podnetd serve --help'],
  [['help', 'config', 'serve'], 'serve: help takes 1 argument besides flags; see podnetd help --help'],
];

for (const [args, message] of refused) {
  t.test(`refused: ${args.join(' ').slice(0, 60)}`, async (t) => {
    t.throws(() => parseCall(args), new ConfigError(message));
    try {
      parseCall(args);
    } catch (error) {
      t.equal((error as Error).message, message);
    }
  });
}
