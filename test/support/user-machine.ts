import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { runProgram, type Outcome, type RunOptions } from './netns.js';
import { makeScratch } from './scratch.js';

/**
 * A machine of one test for an ordinary user: mount and network namespaces that replace the host's accounts, `/run`, `/dev/net` and
 * `/var/lib/cni`. The host does not see these mounts and links, and they end with the test.
 */
export interface UserMachine {
  readonly uid: number;
  /** `XDG_RUNTIME_DIR` of the user, as the user sees it. */
  readonly runtimeDir: string;
  /** The user's home, at the same path for the test. */
  readonly home: string;
  /** Folder of the project, as the user sees it. */
  readonly project: string;
  readonly node: string;
  /** The path by which the test sees a path of the machine. */
  outside(target: string): string;
  /** The command line that runs a program as the user; `wrapRoot` as root. */
  wrap(file: string, args: readonly string[]): readonly [file: string, args: readonly string[]];
  wrapRoot(file: string, args: readonly string[]): readonly [file: string, args: readonly string[]];
  run(file: string, args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Runs a program as the user. @returns stdout @throws Error when it fails */
  must(file: string, args: readonly string[], options?: RunOptions): Promise<string>;
  mustRoot(file: string, args: readonly string[]): Promise<string>;
  /** Command lines of the user's processes by process id. */
  processes(): ReadonlyMap<number, string>;
  /** Mounts that the machine's processes of root and of the user see, without the host's network namespaces, which come and go. */
  mounts(): readonly string[];
  /** Ends every process of the user, as a log-out does. */
  logOut(): Promise<void>;
}

export interface MachineOptions {
  readonly withSubordinateIds?: boolean;
  readonly withTun?: boolean;
}

let made = 0;

export async function makeUserMachine(t: Test, options: MachineOptions = {}): Promise<UserMachine> {
  made += 1;
  // No other user of the machine has this id, by which `processes` finds the user's processes.
  const uid = 100_000 + process.pid * 8 + made;
  const scratch = makeScratch(t);
  chmodSync(scratch, 0o755);
  const at = (name: string) => path.join(scratch, name);
  for (const folder of ['etc', 'home', 'lib-cni']) mkdirSync(at(folder));
  chownSync(at('home'), uid, uid);
  writeAccounts(at('etc'), uid, at('home'), options.withSubordinateIds ?? true);

  const holder = spawn('unshare', ['--mount', '--net', '--propagation', 'private', '--', 'cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holder.stdin.write('ready\n');
  await once(holder.stdout, 'data');
  const pid = holder.pid ?? 0;
  const wrapRoot = (file: string, args: readonly string[]) =>
    ['nsenter', ['--target', String(pid), '--mount', '--net', '--', file, ...args]] as const;
  const runtimeDir = `/run/user/${uid}`;
  const project = '/mnt/podnetd';
  const node = '/mnt/node';
  const environment = {
    HOME: at('home'),
    USER: `podnetd-${uid}`,
    LOGNAME: `podnetd-${uid}`,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    XDG_RUNTIME_DIR: runtimeDir,
  };
  const wrap = (file: string, args: readonly string[]) =>
    wrapRoot('setpriv', [
      ...`--reuid ${uid} --regid ${uid} --clear-groups -- env --ignore-environment`.split(' '),
      ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      file,
      ...args,
    ]);
  const processes = () => processesOf(uid);
  const logOut = async () => {
    for (let tries = 0; processes().size > 0 && tries < 1000; tries += 1) {
      for (const found of processes().keys()) kill(found);
      await sleep(10);
    }
  };
  t.teardown(async () => {
    await logOut();
    holder.stdin.end();
    await once(holder, 'close');
  });

  const root = (file: string, ...args: readonly string[]) => execFileSync(...mutable(wrapRoot(file, args)));
  for (const name of ['passwd', 'group', 'subuid', 'subgid'])
    root('mount', '--bind', at(`etc/${name}`), `/etc/${name}`);
  root('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/dev/net');
  if (options.withTun ?? true) root('mknod', '-m', '666', '/dev/net/tun', 'c', '10', '200');
  root('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/mnt');
  root('mkdir', project);
  root('touch', node);
  root('mount', '--bind', path.resolve(import.meta.dirname, '../..'), project);
  root('mount', '--bind', process.execPath, node);
  root('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run');
  root('mkdir', '-p', runtimeDir, '/run/systemd', '/run/lock');
  root('mount', '-t', 'tmpfs', '-o', `mode=700,uid=${uid},gid=${uid}`, 'tmpfs', runtimeDir);
  root('mkdir', '-p', '/var/lib/cni');
  root('mount', '--bind', at('lib-cni'), '/var/lib/cni');
  // cgroup v2 alone, as with systemd, because runtimes refuse a mix of both versions.
  root('umount', '--recursive', '/sys/fs/cgroup');
  root('mount', '-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup');
  root('ip', 'link', 'set', 'lo', 'up');

  const run = async (file: string, args: readonly string[], runOptions?: RunOptions) =>
    await runProgram(...wrap(file, args), runOptions);
  return {
    uid,
    runtimeDir,
    home: at('home'),
    project,
    node,
    outside: (target) => `/proc/${pid}/root${target}`,
    wrap,
    wrapRoot,
    run,
    must: async (file, args, runOptions) => check(file, await run(file, args, runOptions)),
    mustRoot: async (file, args) => check(file, await runProgram(...wrapRoot(file, args))),
    processes,
    mounts: () => mountsOf([pid, ...processes().keys()]),
    logOut,
  };
}

function check(file: string, { code, stdout, stderr }: Outcome): string {
  if (code !== 0) throw new Error(`${file}: exit ${code}: ${stderr}${stdout}`);
  return stdout;
}

function mutable([file, args]: readonly [string, readonly string[]]): [string, string[]] {
  return [file, [...args]];
}

function writeAccounts(folder: string, uid: number, home: string, withSubordinateIds: boolean): void {
  const name = `podnetd-${uid}`;
  for (const file of ['passwd', 'group', 'subuid', 'subgid']) cpSync(`/etc/${file}`, path.join(folder, file));
  appendFileSync(path.join(folder, 'passwd'), `${name}:x:${uid}:${uid}::${home}:/bin/sh\n`);
  appendFileSync(path.join(folder, 'group'), `${name}:x:${uid}:\n`);
  if (!withSubordinateIds) return;
  const first = 0x4000_0000 + made * 0x1_0000;
  for (const file of ['subuid', 'subgid']) appendFileSync(path.join(folder, file), `${name}:${first}:65536\n`);
}

function processesOf(uid: number): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    try {
      if (!/^\d+$/.test(name) || statSync(`/proc/${name}`).uid !== uid) continue;
      const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // A process without a command line is a zombie, which its parent has yet to reap.
      if (commandLine !== '') found.set(Number(name), commandLine);
    } catch {
      // The process has ended meanwhile.
    }
  }
  return found;
}

/** Beginnings of mount points that no user of a machine has: network namespaces, and what engines mount in folders of tests. */
const ofOthers = ['/run/netns', path.join(tmpdir(), 'podnetd-')];

function mountsOf(pids: readonly number[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const pid of pids) {
    try {
      seen.set(readlinkSync(`/proc/${pid}/ns/mnt`), readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
    } catch {
      // The process has ended meanwhile.
    }
  }
  // Mount point, root in its file system, and type: the numbers differ from one mount namespace to the next.
  const points = [...seen.values()].flatMap((text) =>
    text.split('\n').flatMap((line) => {
      const [, , , origin, point, ...rest] = line.split(' ');
      // Those of other tests, which come and go.
      return point === undefined || ofOthers.some((folder) => point.startsWith(folder))
        ? []
        : [`${point} ${origin} ${rest[rest.indexOf('-') + 1]}`];
    }),
  );
  return [...new Set(points)].toSorted();
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended meanwhile.
  }
}
