import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { makeNetns, type Netns } from './netns.js';
import { makeScratch } from './scratch.js';

/** A network namespace whose programs see files of the test as the host's resolv.conf. */
export interface ResolverSpace {
  readonly netns: Netns;
  /** Runs a program in the namespace, with these files and a `/run` of its own. */
  readonly wrap: Netns['wrap'];
  /** Paths of the files; both are empty at first. */
  readonly own: string;
  readonly ofResolved: string;
}

/** Makes a namespace that ends with the test; programs see the files as `/etc/resolv.conf` and `/run/systemd/resolve/resolv.conf`. */
export function makeResolverSpace(t: Test): ResolverSpace {
  const scratch = makeScratch(t);
  const own = path.join(scratch, 'resolv.conf');
  const ofResolved = path.join(scratch, 'resolved.conf');
  writeFileSync(own, '');
  writeFileSync(ofResolved, '');
  const script = `mount --bind "$1" /etc/resolv.conf
    mount -t tmpfs tmpfs /run && mkdir -p /run/lock /run/systemd/resolve && : > /run/systemd/resolve/resolv.conf
    mount --bind "$2" /run/systemd/resolve/resolv.conf
    shift 2
    exec "$@"`;
  const inMounts = ['--mount', '--propagation', 'private', '--', 'sh', '-euc', script, 'sh', own, ofResolved];
  const netns = makeNetns(t);
  return { netns, own, ofResolved, wrap: (file, args) => netns.wrap('unshare', [...inMounts, file, ...args]) };
}
