import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Faults that end a start with one line and the right exit code, and faults that do not. */

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface StartOptions {
  readonly args?: readonly string[];
  readonly script?: string;
  readonly prefix?: readonly string[];
}

/** Runs a start that is expected to fail, and kills it if it does not. */
async function start(t: Test, folder: string, { args = [], script = daemonScript, prefix = [] }: StartOptions = {}) {
  const scratch = makeScratch(t);
  chmodSync(scratch, 0o777);
  const socket = path.join(scratch, 'podnetd.sock');
  const places = ['--config', '/dev/null', '--listen', socket, '--cni-config-dir', folder];
  const flags = [...places, '--cni-cache-dir', path.join(scratch, 'cni'), ...args];
  const [program = '', ...rest] = [...prefix, process.execPath, script, ...flags];
  const ended = await promisify(execFile)(program, rest, {
    env: { ...process.env, NODE_OPTIONS: '', CONTAINERS_CONF: '/dev/null', XDG_RUNTIME_DIR: scratch },
    timeout: 15_000,
    killSignal: 'SIGKILL',
  }).catch((error: unknown) => error as Ended);
  t.same(readdirSync(scratch), [], 'nothing is left');
  return ended;
}

t.test('a folder that can never be one', async (t) => {
  const scratch = makeScratch(t);
  const file = path.join(scratch, 'file');
  writeFileSync(file, '');
  const loop = path.join(scratch, 'loop');
  symlinkSync('loop', loop);
  const long = path.join(scratch, 'x'.repeat(300));
  const cases = [
    [file, 'ENOTDIR: not a directory'],
    [path.join(file, 'net.d'), 'ENOTDIR: not a directory'],
    [loop, 'ELOOP: too many symbolic links encountered'],
    [long, 'ENAMETOOLONG: name too long'],
  ] as const;
  for (const [folder, reason] of cases) {
    t.match(await start(t, folder), {
      code: 2,
      stdout: '',
      stderr: `podnetd: folder of networks ${folder}: ${reason}; give one that podnetd may list with --cni-config-dir\n`,
    });
  }
});

t.test('a folder that may not be listed', { skip: missing('setpriv') }, async (t) => {
  const folder = makeScratch(t);
  const prefix = ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups'];
  for (const mode of [0o700, 0o744, 0o711]) {
    chmodSync(folder, mode);
    t.match(await start(t, folder, { prefix }), {
      code: 2,
      stderr: `podnetd: folder of networks ${folder}: EACCES: permission denied; give one that podnetd may list with --cni-config-dir\n`,
    });
  }
});

t.test(
  'a folder that podnetd may list and not write is served, with a warning',
  { skip: missing('setpriv') },
  async (t) => {
    const folder = makeScratch(t);
    chmodSync(folder, 0o755);
    const runtimeDir = makeScratch(t);
    chmodSync(runtimeDir, 0o777);
    const socket = path.join(runtimeDir, 'podnetd.sock');
    const flags = ['--config', '/dev/null', '--listen', socket, '--cni-config-dir', folder];
    const child = spawn(
      'setpriv',
      ['--reuid=12345', '--regid=12345', '--clear-groups', process.execPath, daemonScript, ...flags],
      {
        env: { ...process.env, NODE_OPTIONS: '', CONTAINERS_CONF: '/dev/null', XDG_RUNTIME_DIR: runtimeDir },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = once(child, 'exit');
    t.teardown(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.includes('"listening"')) break;
    }
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    t.match(lines, [
      { level: 40, folder, reason: 'EACCES: permission denied', msg: 'the folder of networks cannot be changed' },
      { msg: 'listening' },
    ]);
  },
);

t.test('a missing folder is no fault', async (t) => {
  const daemon = await startDaemon(t, { args: ['--cni-config-dir', path.join(makeScratch(t), 'a/b')] });
  t.same(
    daemon.log().filter(({ level }) => Number(level) > 30),
    [],
  );
});

t.test('a missing group', async (t) => {
  const folder = makeScratch(t);
  for (const group of ['no-such-group', '4294967295', '--help', 'root:x']) {
    t.match(await start(t, folder, { args: [`--socket-group=${group}`] }), {
      code: 2,
      stderr: `podnetd: --socket-group ${group}: no such group; give the name or number of one that is there\n`,
    });
  }
});

t.test('the bundle without its addons', async (t) => {
  const bare = makeScratch(t);
  const script = path.join(bare, 'podnetd.cjs');
  copyFileSync(daemonScript, script);
  const remedy = (addon: string) => `run \`npm install ${addon}\` in the folder of podnetd.cjs`;
  const line = (addon: string) =>
    `podnetd: native addon ${addon} cannot be loaded: Cannot find module '${addon}'; ${remedy(addon)}\n`;
  t.match(await start(t, path.join(bare, 'net.d'), { script }), { code: 1, stderr: line('fs-native-extensions') });

  const modules = path.join(bare, 'node_modules');
  mkdirSync(modules);
  for (const name of [
    'fs-native-extensions',
    'require-addon',
    'which-runtime',
    'bare-addon-resolve',
    'bare-module-resolve',
    'bare-semver',
  ]) {
    const installed = path.resolve(import.meta.dirname, '../../node_modules', name);
    if (existsSync(installed)) cpSync(installed, path.join(modules, name), { recursive: true });
  }
  t.match(await start(t, path.join(bare, 'net.d'), { script }), { code: 1, stderr: line('koffi') });

  // An addon for another C library exists and cannot be loaded.
  mkdirSync(path.join(modules, 'koffi'));
  writeFileSync(path.join(modules, 'koffi/index.js'), 'throw new Error("wrong ELF class");\n');
  const daemon = await startDaemon(t, { script });
  for (let tries = 0; !daemon.log().some(({ msg }) => String(msg).includes('koffi')) && tries < 500; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  t.match(
    daemon.log().find(({ msg }) => String(msg).includes('koffi')),
    {
      level: 50,
      msg: `native addon koffi cannot be loaded: wrong ELF class; ${remedy('koffi')}`,
    },
  );
});

t.test('a back end of Podman that will not see the networks', async (t) => {
  const daemon = await startDaemon(t, { containersConf: '[network]\nnetwork_backend = "netavark"\n' });
  t.match(daemon.log()[0], { level: 40, msg: /containers\.conf:2: network\.network_backend: .*"netavark"/ });
});
