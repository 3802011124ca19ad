import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { makeHost } from '../support/host.js';
import type { Netns } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { makeUserMachine } from '../support/user-machine.js';
import { project } from './page.js';

/**
 * A machine on which the commands of a page run as they are written. It has a network and mounts of its own: `/run`, `/etc/cni` and `/var/lib/cni`
 * are empty, and installations and root's settings go to copies of their folders.
 */
export interface Place extends Pick<Netns, 'wrap'> {
  /** The socket on which podnetd listens there without flags. */
  readonly socket: string;
}

/** A copy of the project, so that a build there changes no other test's daemon. */
const copy = '/opt/podnetd';

const programs = '/opt/bin';

export async function makeRootPlace(t: Test): Promise<Place> {
  const host = await makeHost(t);
  const home = makeScratch(t);
  furnish(host.wrap, 0, home);
  const settings = [
    `HOME=${home}`,
    'LANG=C.UTF-8',
    `PATH=${programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin`,
  ];
  return {
    socket: '/run/podnetd/podnetd.sock',
    wrap: (file, args) => host.wrap('env', ['--ignore-environment', '--chdir', copy, ...settings, file, ...args]),
  };
}

export async function makeUserPlace(t: Test): Promise<Place> {
  const machine = await makeUserMachine(t);
  furnish(machine.wrapRoot, machine.uid, machine.home);
  return {
    socket: `${machine.runtimeDir}/podnetd/podnetd.sock`,
    wrap: (file, args) =>
      machine.wrap('env', ['--chdir', copy, `PATH=${programs}:/usr/local/bin:/usr/bin`, file, ...args]),
  };
}

/** @param uid the user that runs the commands, and owns the files of a build */
function furnish(wrapRoot: Netns['wrap'], uid: number, home: string): void {
  // A page's requests have to succeed, and a progress bar is for terminals.
  writeFileSync(path.join(home, '.curlrc'), 'fail-with-body\nsilent\nshow-error\n');
  const [file, args] = wrapRoot('sh', ['-euc', furnishing, 'sh', project, process.execPath, String(uid)]);
  execFileSync(file, [...args]);
}

const furnishing = `
  project=$1 node=$2 uid=$3
  npm=$(readlink -f "$(command -v npm)")
  over() { mkdir -p /opt/over/$2/upper /opt/over/$2/work && mount -t overlay -o lowerdir="$1",upperdir=/opt/over/$2/upper,workdir=/opt/over/$2/work overlay "$3"; }
  mount -t tmpfs -o mode=755 tmpfs /opt
  mkdir ${copy} ${programs}
  over "$project" project ${copy}
  over /usr/local/bin bin /usr/local/bin
  # A user's /etc has mounts of the machine, and the user writes nothing there.
  if [ "$uid" = 0 ]; then over /etc etc /etc; fi
  over /etc/systemd/system units /etc/systemd/system
  mkdir -p ${copy}/dist
  chown -R "$uid:$uid" ${copy}/dist
  chown "$uid:$uid" ${copy}
  for folder in /etc/cni /run/netns; do mkdir -p $folder; mount -t tmpfs -o mode=755 tmpfs $folder; done
  mkdir /etc/cni/net.d
  ln -s "$node" ${programs}/node
  # The modules that the tests run with are there already; to fetch them again would take a network.
  printf '#!/bin/sh\\n[ "$1" = ci ] || exec %s %s "$@"\\n' ${programs}/node "$npm" >${programs}/npm
  chmod 755 ${programs}/npm
`;
