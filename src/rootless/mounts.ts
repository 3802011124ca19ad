import path from 'node:path';
import type { Argv } from '../host/programs/background.js';

export interface MountFacts {
  readonly netnsDir: string;
  /** Holds `run`, `var/lib/cni` and `resolv.conf`. */
  readonly home: string;
  readonly hasRunSystemd: boolean;
  /** Where `/etc/resolv.conf` leads, up to the first place below `/run`; undefined when there is none. */
  readonly resolvConf: string | undefined;
  /** The nearest folder of `/var/lib/cni`, `/var/lib` and `/var` that is there. */
  readonly varTarget: string;
}

/**
 * Commands, in order, that make `/run` and `/var/lib/cni` writable for plugins without hiding the namespaces. The mount over `/run` takes along
 * earlier mounts below `home/run`, and `/var` comes before it, because `home` is below `/run`.
 *
 * DIVERGES: the seed mounted `var` over all of `/var`, which hides homes below it (`/var/home`). podnetd mounts over `/var/lib/cni`, as Podman
 * since 3.4.
 * source: podman libpod/networking_linux.go@54b588c07d and @v4.3.1 (RootlessNetNS.Do)
 */
export function planMounts({ netnsDir, home, hasRunSystemd, resolvConf, varTarget }: MountFacts): readonly Argv[] {
  const inHome = (target: string) => path.join(home, target);
  return [
    // Shared, so that later mounts and unmounts of namespaces reach this folder too.
    ...(isBelowRun(netnsDir) ? [['mount', '--rbind', '--make-rshared', netnsDir, inHome(netnsDir)] as const] : []),
    ...(hasRunSystemd ? [['mount', '--rbind', '/run/systemd', inHome('/run/systemd')] as const] : []),
    ...(resolvConf === undefined ? [] : planResolvConf(resolvConf, inHome)),
    ['mount', '--bind', inHome(varTarget), varTarget],
    ['mount', '--rbind', inHome('/run'), '/run'],
  ];
}

/** Absolute paths of the folders in `home` that are mounted, or mounted on. */
export function listHomeFolders({ netnsDir, home }: Pick<MountFacts, 'netnsDir' | 'home'>): readonly string[] {
  const folders = ['/var/lib/cni', '/run/systemd', ...(isBelowRun(netnsDir) ? [netnsDir] : [])];
  return folders.map((folder) => path.join(home, folder));
}

/** Replaces the host's name servers, which may be on its loopback, by the address of slirp4netns's name server. */
function planResolvConf(target: string, inHome: (target: string) => string): readonly Argv[] {
  const source = inHome('/resolv.conf');
  if (!isBelowRun(target)) return [['mount', '--bind', source, target]];
  // systemd-resolved unlinks its file and makes it anew, which would remove a mount on the file.
  const resolved = '/run/systemd/resolve';
  const isResolved = target.startsWith(`${resolved}/`);
  const place = inHome(target);
  return [
    ...(isResolved ? [['mount', '-t', 'tmpfs', '-o', 'noexec,nosuid,nodev', 'tmpfs', inHome(resolved)] as const] : []),
    ['mkdir', '-p', '--', path.dirname(place)],
    ['touch', '--', place],
    ['mount', '--bind', source, place],
  ];
}

function isBelowRun(target: string): boolean {
  return target.startsWith('/run/');
}
