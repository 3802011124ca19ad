import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { parseCall } from '../../src/commands/parse.js';
import { ConfigError } from '../../src/config/config-error.js';
import { readWish } from '../../src/map/command/wish.js';
import { daemonScript } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { runMap } from './run-map.js';

const oneForm = 'a map has one form; leave one of the two out';
const oneSource = 'a map shows the networks of a daemon or of a folder; leave one of the two out';
const plainFile = 'give the name of a new file or of a plain one';

t.test('a wrong command line is refused with value, rule and remedy', async (t) => {
  const folder = makeScratch(t);
  const refused: readonly (readonly [args: readonly string[], message: string])[] = [
    [['--jsno'], '--jsno: no such flag, the nearest is --json; see podnetd map --help'],
    [['now'], 'now: map takes no argument besides flags; see podnetd map --help'],
    [['--json', '--html', '/x'], `--json and --html /x: ${oneForm}`],
    [['--socket', '/s', '--cni-config-dir', '/d'], `--socket /s and --cni-config-dir /d: ${oneSource}`],
    [['--socket', '/s', '--config', '/c'], `--socket /s and --config /c: ${oneSource}`],
    [['--socket', 'tcp://1.2.3.4'], '--socket tcp://1.2.3.4: podnetd listens on Unix sockets only: unix:///PATH'],
    [['--socket', '/s/'], '--socket /s/: a socket is no folder'],
    [['--html='], '--html: the value is empty; give one, or leave it out'],
    [['--html', folder], `--html ${folder}: a folder; ${plainFile}`],
    [['--html', `${folder}/none/`], `--html ${folder}/none/: a folder; ${plainFile}`],
    [['--html', '/dev/null'], `--html /dev/null: not a plain file; ${plainFile}`],
  ];
  for (const [args, message] of refused)
    t.throws(() => readWish(parseCall(['map', ...args]).options), new ConfigError(message), message);
});

t.test('a map that cannot be had ends with a status and one line', async (t) => {
  const folder = makeScratch(t);
  const plain = path.join(folder, 'plain');
  fs.writeFileSync(plain, '');
  const none = path.join(folder, 'none');
  const otherFile = 'give a file in a folder that this user may write to, on a disk with room';
  const refused: readonly (readonly [args: readonly string[], status: number, message: string])[] = [
    [['--html', folder], 2, `--html ${folder}: a folder; ${plainFile}`],
    [['--config', none], 2, `--config ${none}: no such file`],
    [['--socket', none], 1, `--socket ${none}: no podnetd listens there (`],
    [['--socket', plain], 1, `--socket ${plain}: no podnetd listens there (`],
    [
      ['--cni-config-dir', none, '--html', `${none}/x`],
      1,
      `--html ${none}/x: the page cannot be written: ENOENT: no such file or directory; ${otherFile}`,
    ],
    [
      ['--cni-config-dir', none, '--html', `${plain}/x`],
      1,
      `--html ${plain}/x: the page cannot be written: ENOTDIR: not a directory; ${otherFile}`,
    ],
    [
      ['--cni-config-dir', plain],
      1,
      `open ${plain}: ENOTDIR: not a directory; give another folder with --cni-config-dir DIR`,
    ],
  ];
  for (const [args, status, message] of refused) {
    const outcome = runMap(args);
    t.equal(outcome.status, status, args.join(' '));
    t.equal(outcome.stdout, '');
    t.match(outcome.stderr, `podnetd: ${message}`);
    t.match(outcome.stderr, /^[^\n]+\n$/, 'in one line');
  }
  t.same(fs.readdirSync(folder), ['plain']);
});

t.test('a socket of another program is no daemon', async (t) => {
  const socket = path.join(makeScratch(t), 's');
  let answer = '';
  const server = net.createServer((connection) => {
    connection.on('error', () => undefined);
    connection.once('data', () => connection.end(answer));
  });
  server.listen(socket);
  await once(server, 'listening');
  t.teardown(() => server.close());
  const ask = async (text: string): Promise<readonly [number | null, string]> => {
    answer = text;
    const child = spawn(process.execPath, [daemonScript, 'map', '--socket', socket], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    return [status, errors];
  };
  const withBody = (status: string, body: string) =>
    `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const pool = (extra: object) =>
    JSON.stringify({
      pools: [
        {
          base: '10.0.0.0/8',
          size: 24,
          family: 4,
          blocks: { total: 1, used: 0, reserved: 0, blocked: 0, free: 1 },
          ...extra,
        },
      ],
      reserved: [],
    });
  const odd: readonly (readonly [answer: string, words: RegExp])[] = [
    [
      withBody('404 Not Found', '{"message":"page\\u001b[2J not found"}'),
      /got status 404 \(page\\u001b\[2J not found\); .*--cni-config-dir/,
    ],
    [withBody('200 OK', 'hello'), /got an answer in another form/],
    [withBody('200 OK', '{"pools":{}}'), /got an answer in another form/],
    [withBody('200 OK', pool({ base: 'x' })), /got an answer in another form/],
    [withBody('200 OK', pool({ size: 4_000_000 })), /got an answer in another form/],
    [withBody('200 OK', pool({ size: 4 })), /got an answer in another form/],
    ['SSH-2.0-x\r\n', /podnetd cannot be asked: .*; name another socket/],
    ['', /podnetd cannot be asked: .*; name another socket/],
    ['HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{', /podnetd cannot be asked: .*; name another socket/],
  ];
  for (const [text, words] of odd) {
    const [status, errors] = await ask(text);
    t.equal(status, 1);
    t.match(errors, words);
    t.match(errors, /^[^\n]+\n$/, 'in one line');
  }
  t.equal((await ask(withBody('200 OK', pool({}))))[0], 0, 'the form itself is drawn');
});
