import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { PoolReportBody } from '../../src/api/podnetd/pools.js';
import { openPage } from '../support/chromium.js';
import { daemonScript, startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { runMap } from './run-map.js';

/** podnetd map as a program, against a real daemon and without one. */

const pools = `[network]
default_subnet_pools = [{ base = "10.201.0.0/24", size = 28 }, { base = "10.202.0.0/16", size = 24 }]
`;

/** A daemon with fifteen networks in a pool of sixteen blocks, and some elsewhere. */
async function startFull(t: Test): Promise<TestDaemon> {
  const daemon = await startDaemon(t, { containersConf: pools });
  const create = async (body: object) => {
    const { status } = await daemon.ask('POST', '/networks/create', body);
    t.equal(status, 201);
  };
  for (let index = 0; index < 15; index += 1) await create({ Name: `edge${index}` });
  await create({ Name: 'wide', IPAM: { Config: [{ Subnet: '10.202.64.0/20' }] } });
  return daemon;
}

async function readReport(daemon: TestDaemon): Promise<PoolReportBody> {
  const answer = await daemon.ask('GET', '/podnetd/v1/pools?taken=true');
  return answer.json() as PoolReportBody;
}

t.test(
  'a daemon is asked, and its numbers are on the page that a browser shows',
  { skip: missing('chromium') },
  async (t) => {
    const daemon = await startFull(t);
    const report = await readReport(daemon);
    const file = path.join(makeScratch(t), 'page.html');
    t.same(runMap(['--socket', `unix://${daemon.socket}`, '--html', file]), {
      status: 0,
      stdout: `${file}: podnetd answered at ${daemon.socket}\n`,
      stderr: '',
    });
    t.equal(fs.statSync(file).mode & 0o777, 0o644);
    const seen = await openPage(t, file);
    const rows = [...seen.matchAll(/<tr data-pool="([^"]+)">([^]*?)<\/tr>/g)].map(([, base, cells = '']) => ({
      base,
      isMarked: cells.includes('>nearly full<'),
      ...Object.fromEntries(
        [...cells.matchAll(/data-blocks="(\w+)" data-count="(\d+)">\2</g)].map(([, name, count]) => [
          name,
          Number(count),
        ]),
      ),
    }));
    const wanted = report.pools.map(({ base, blocks: { total: _total, ...blocks } }) => ({
      base,
      isMarked: base === '10.201.0.0/24',
      ...blocks,
    }));
    t.same(rows, wanted);
    const holders = [
      ...seen.matchAll(
        /<tr><td class="number">\d+<\/td><td>([^<]+)<\/td><td class="number">(\d+)<\/td>[^]*?<bdi>([^<]+)</g,
      ),
    ];
    t.same(
      holders.map(([, blocks, count, words]) => [blocks, Number(count), words]),
      report.pools.flatMap(({ taken = [] }) =>
        taken.map(({ first, last, blocks, kind, name }) => [
          first === last ? first : `${first} – ${last}`,
          blocks,
          `${kind} ${name}`,
        ]),
      ),
    );
  },
);

t.test(
  'without a daemon the folder is read: the same report, and nothing is written or locked',
  { skip: missing('strace') },
  async (t) => {
    const daemon = await startFull(t);
    const asked = JSON.parse(runMap(['--socket', daemon.socket, '--json']).stdout);
    t.match(asked, { host: os.hostname(), source: { daemon: daemon.socket }, ...(await readReport(daemon)) });
    await daemon.stop();
    const conf = path.join(makeScratch(t), 'containers.conf');
    fs.writeFileSync(conf, pools);
    const look = () => [fs.readdirSync(daemon.folder), fs.statSync(daemon.folder).mtimeMs];
    const before = look();
    const trace = path.join(makeScratch(t), 'trace');
    const calls =
      'openat,open,creat,fcntl,flock,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlinkat,execve';
    const strace = ['strace', '-f', '-qq', '-o', trace, '-e', `trace=${calls}`];
    const { status, stdout, stderr } = runMap(
      ['--cni-config-dir', daemon.folder, '--json'],
      { CONTAINERS_CONF: conf },
      strace,
    );
    t.same([status, stderr], [0, '']);
    const { host, at, source, ...report } = JSON.parse(stdout);
    const { host: _host, at: askedAt, source: _source, ...same } = asked;
    t.same(report, same);
    t.equal(host, os.hostname());
    t.ok(Date.parse(at) >= Date.parse(askedAt));
    t.same(source, { folder: daemon.folder, reason: '--cni-config-dir was given' });
    const acts = fs
      .readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => !/ENOENT|EEXIST/.test(line));
    t.ok(acts.length > 10, 'calls are seen');
    const forWriting = acts.filter((line) => /open.*O_(?:WRONLY|RDWR|CREAT)/.test(line));
    // A reader looks whether a writer has the lock; tap writes a file of its own.
    const others = forWriting.filter(
      (line) =>
        !/"\/dev\/(?:null|tty)"|\/\.tap\//.test(line) && (line.includes('O_CREAT') || !line.includes('/cni.lock"')),
    );
    t.same(others, [], 'no file is opened for writing');
    t.notMatch(
      acts.join('\n'),
      /F_WRLCK|SETLKW|flock\(|mkdir|rename|unlink|link\(|linkat|creat\(/,
      'no lock of a writer is taken',
    );
    t.equal(acts.filter((line) => line.includes('execve(')).length, 1, 'no program is run');
    t.same(look(), before);
  },
);

t.test('where no daemon is on the usual socket, the map says so', async (t) => {
  const home = makeScratch(t);
  const uid = 65_534;
  fs.chownSync(home, uid, uid);
  const env = { XDG_RUNTIME_DIR: home, XDG_CONFIG_HOME: home, HOME: home };
  const user = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const { status, stdout } = runMap([], env, user);
  t.equal(status, 0);
  t.match(
    stdout,
    `\nread from ${home}/cni/net.d without a daemon: no podnetd listens on ${home}/podnetd/podnetd.sock\n`,
  );
  t.same(fs.readdirSync(home), [], 'nothing is made');
});

t.test('reservations of a file of settings are on the map, in their own words', async (t) => {
  const folder = makeScratch(t);
  const file = path.join(folder, 'podnetd.toml');
  fs.writeFileSync(file, '[addresses]\nreserved = [{ subnet = "10.89.64.0/18", reason = "office <VPN>" }]\n');
  const { status, stdout } = runMap(['--config', file, '--cni-config-dir', path.join(folder, 'net.d')]);
  t.equal(status, 0);
  t.match(stdout, '64 blocks reserved: office <VPN> ▚');
  t.match(stdout, 'Reserved: given to no network\n  ▚ 10.89.64.0/18  reserved: office <VPN>\n');
  t.match(runMap(['--config', file]).stdout, ' without a daemon: --config was given\n');
});

t.test('a file that cannot be used is named beside the map', async (t) => {
  const folder = makeScratch(t);
  for (let index = 0; index < 10; index += 1) fs.writeFileSync(path.join(folder, `${index}.conflist`), '{');
  const { status, stderr } = runMap(['--cni-config-dir', folder]);
  t.equal(status, 0);
  t.match(stderr, `podnetd: ${folder}/0.conflist: `);
  t.match(stderr, /; its networks are not on the map\n/);
  t.match(stderr, 'podnetd: 2 more files cannot be used');
});

t.test('a terminal gets colours and its width, a pipe neither', { skip: missing('script') }, async (t) => {
  const folder = makeScratch(t);
  const show = (env: Readonly<Record<string, string>>, columns = 60) => {
    const command = `stty cols ${columns}; exec "${process.execPath}" "${daemonScript}" map --cni-config-dir ${folder}`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, CONTAINERS_CONF: '/dev/null', TERM: 'xterm', NO_COLOR: '', LC_ALL: 'C.UTF-8', ...env },
    });
    return stdout.replaceAll('\r', '');
  };
  t.match(show({}), '\u001b[1m10.89.0.0/16\u001b[0m');
  t.match(show({}), /read from .* without a daemon/);
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const plain = show(env);
    t.match(plain, '10.89.0.0/16  256 blocks');
    t.notOk(plain.includes('\u001b'), Object.keys(env).join());
  }
  const widest = (text: string) =>
    Math.max(
      ...text
        .split('\n')
        .slice(2)
        .map((line) => line.length),
    );
  t.ok(widest(show({ NO_COLOR: '1' }, 44)) <= 44);
  const piped = runMap(['--cni-config-dir', folder], { LC_ALL: 'C' });
  t.notMatch(piped.stdout, /[^\n\x20-\x7e]/);
});

t.test('a daemon reads none of it', async (t) => {
  const list = path.join(makeScratch(t), 'loaded.json');
  const preload = path.resolve(import.meta.dirname, '../support/loaded-modules.cjs');
  const daemon = await startDaemon(t, {
    prefix: ['env', `NODE_OPTIONS=--require=${preload}`, `PODNETD_TEST_LOADED=${list}`],
  });
  await daemon.ask('GET', '/podnetd/v1/pools');
  await daemon.stop();
  t.notMatch(fs.readFileSync(list, 'utf8'), 'podnetd-map');
  t.notMatch(fs.readFileSync(daemonScript, 'utf8'), '<!doctype html>');
});

t.test('without the file of the map, podnetd map says what is missing', async (t) => {
  const bare = makeScratch(t);
  fs.copyFileSync(daemonScript, path.join(bare, 'podnetd.cjs'));
  fs.symlinkSync(path.resolve(import.meta.dirname, '../../node_modules'), path.join(bare, 'node_modules'));
  const { status, stderr } = spawnSync(process.execPath, [path.join(bare, 'podnetd.cjs'), 'map'], { encoding: 'utf8' });
  t.equal(status, 1);
  t.match(stderr, /^podnetd: podnetd-map\.cjs: not beside podnetd\.cjs \(.*\); install it there\n$/);
});
