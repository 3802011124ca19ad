import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { runProgram, type Outcome } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';

/** A machine that systemd has booted, with the programs of this one and files, processes and network of its own. */
export interface Machine {
  wrap(file: string, args: readonly string[]): readonly [file: string, args: readonly string[]];
  /** Runs a shell script there, in the folder of root. */
  run(script: string): Promise<Outcome>;
  /**
   * As {@link run}, or as the user whose `wrap` is given.
   *
   * @returns stdout without the last line's end
   * @throws Error with the output when it fails
   */
  shell(script: string, wrap?: Machine['wrap']): Promise<string>;
  /** Where a file of the machine is for a program outside. */
  outside(file: string): string;
  /** Paths of all that the machine has written, but for that on its own `/run`, `/tmp` and `/dev`. */
  written(): readonly string[];
}

/**
 * The machine's files are an overlay over those of this machine, so that a package meets the dpkg, systemd and plugins that a host has, and changes
 * nothing here. The container has no network but what a test makes in it.
 */
export async function bootMachine(t: Test): Promise<Machine> {
  const scratch = makeScratch(t);
  const [file, args] = ['unshare', ['--mount', 'sh', '-euc', boot, 'sh', scratch]] as const;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const booted = async <Found>(find: () => Promise<Found | undefined>): Promise<Found> => {
    for (let tries = 0; tries < 600; tries += 1) {
      const found = await find();
      if (found !== undefined) return found;
      if (child.exitCode !== null) break;
      await sleep(100);
    }
    throw new Error(`systemd-nspawn does not boot: ${output}`);
  };
  const leader = await booted(async () => findInit(child.pid ?? 0));
  const wrap: Machine['wrap'] = (file, args) => [
    'nsenter',
    [`--target=${leader}`, '--all', 'env', '--ignore-environment', '--chdir=/root', ...settings, file, ...args],
  ];
  const run: Machine['run'] = async (script) => await runProgram(...wrap('bash', ['-ec', script]));
  await booted(async () => {
    const { stdout } = await run('systemctl is-system-running || true');
    return /^(?:running|degraded)$/m.test(stdout) || undefined;
  });
  return {
    wrap,
    run,
    shell: async (script, by = wrap) => {
      const { code, stdout, stderr } = await runProgram(...by('bash', ['-ec', script]));
      if (code !== 0) throw new Error(`${script}: ${code}: ${stdout}${stderr}`);
      return stdout.trimEnd();
    },
    outside: (file) => `/proc/${leader}/root${file}`,
    written: () =>
      readdirSync(`/proc/${child.pid}/root${scratch}/upper`, { recursive: true, encoding: 'utf8' }).map(
        (name) => `/${name}`,
      ),
  };
}

/** For the home of a user: curl fails with an error of the server, as the pages' commands have to. */
export const curlSettings = 'fail-with-body\nsilent\nshow-error\n';

const settings = [
  'DEBIAN_FRONTEND=noninteractive',
  'HOME=/root',
  'LANG=C.UTF-8',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
];

/** The process that is number 1 in the container. */
function findInit(nspawn: number): number | undefined {
  const children = readFileSync(`/proc/${nspawn}/task/${nspawn}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.map(Number).find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n');
}

/**
 * A machine id is there already, because systemd would enable every unit of a machine without. Debian's images for containers have a
 * policy that keeps packages from starting and ending services, which no host has. Any user may open the node of tun devices, as udev makes it. Units of this machine's own services stay off:
 * basic.target wants no more than sockets and timers.
 */
const boot = `
  cd "$1"
  mount -t tmpfs -o mode=755 tmpfs .
  cd "$1"
  mkdir upper work root
  mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root
  rm -f root/usr/sbin/policy-rc.d
  echo 0123456789abcdef0123456789abcdef >root/etc/machine-id
  mknod --mode=666 tun c 10 200
  exec systemd-nspawn --quiet --directory="$1/root" --machine=podnetd-test-$$ --hostname=machine --register=no --keep-unit \\
    --private-network --bind="$1/tun:/dev/net/tun" --console=pipe --boot systemd.unit=basic.target </dev/null
`;
