import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { makeNetns, runProgram, type Netns } from './netns.js';
import { makeScratch } from './scratch.js';

/** A network namespace that plays the host. Its `/run` and `/var/lib`, where plugins leave leases, locks and files, are its own. */
export interface Host extends Netns {
  /** The command line that runs a program on this host. */
  readonly wrap: Netns['wrap'];
  /** The path by which a test sees host-local's leases on this host. */
  readonly leaseDir: string;
}

/** Makes a host that ends with the test. Programs on it see namespaces that {@link makeNetns} makes later. */
export async function makeHost(t: Test): Promise<Host> {
  const netns = makeNetns(t);
  const scratch = makeScratch(t);
  const aside = path.join(scratch, 'netns');
  mkdirSync(aside);
  const script = path.join(scratch, 'hold.sh');
  writeFileSync(
    script,
    `set -e
    mount --rbind /run/netns ${aside}
    mount -t tmpfs tmpfs /var/lib
    mount -t tmpfs tmpfs /run
    mkdir -p /run/netns /run/lock /var/lib/cni
    mount --rbind ${aside} /run/netns
    umount --lazy ${aside}
    : >${scratch}/ready
    exec sleep infinity`,
  );
  const holder = spawn(...netns.wrap('unshare', ['--mount', '--propagation', 'slave', 'sh', script]), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  holder.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(holder, 'exit');
  t.teardown(async () => {
    holder.kill('SIGKILL');
    await ended;
  });
  for (let tries = 0; !existsSync(path.join(scratch, 'ready')); tries += 1) {
    if (holder.exitCode !== null || tries > 1000) throw new Error(`no mount namespace: ${errors}`);
    await sleep(10);
  }
  const enter = ['--target', String(holder.pid), '--mount', '--net', '--'];
  const wrap: Netns['wrap'] = (file, args) => ['nsenter', [...enter, file, ...args]];
  return {
    ...netns,
    wrap,
    leaseDir: `/proc/${holder.pid}/root/var/lib/cni/networks`,
    run: async (file, args, options) => await runProgram(...wrap(file, args), options),
  };
}
