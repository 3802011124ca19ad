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
 * What makes `/run` and `/var/lib/cni` writable for plugins without hiding the namespaces, in order: what is mounted below `home/run` comes along
 * when that is mounted over `/run`, and `/var` comes first, since `home` is below `/run`.
 *
 * DIVERGES: the seed mounted `var` over all of `/var`, which hides homes below it (`/var/home`); as Podman since 3.4, over `/var/lib/cni`.
 * source: podman libpod/networking_linux.go@54b588c07d and @v4.3.1 (RootlessNetNS.Do)
 */
export function planMounts({ netnsDir, home, hasRunSystemd, resolvConf, varTarget }: MountFacts): readonly Argv[] {
  const inHome = (target: string) => path.join(home, target);
  return [
    // Shared, so that namespaces that come and go later come and go here.
    ...(isBelowRun(netnsDir) ? [['mount', '--rbind', '--make-rshared', netnsDir, inHome(netnsDir)] as const] : []),
    ...(hasRunSystemd ? [['mount', '--rbind', '/run/systemd', inHome('/run/systemd')] as const] : []),
    ...(resolvConf === undefined ? [] : planResolvConf(resolvConf, inHome)),
    ['mount', '--bind', inHome(varTarget), varTarget],
    ['mount', '--rbind', inHome('/run'), '/run'],
  ];
}

/** Folders of `home` that are mounted, or mounted on. */
export function listHomeFolders({ netnsDir, home }: Pick<MountFacts, 'netnsDir' | 'home'>): readonly string[] {
  const folders = ['/var/lib/cni', '/run/systemd', ...(isBelowRun(netnsDir) ? [netnsDir] : [])];
  return folders.map((folder) => path.join(home, folder));
}

/** The host's servers may be on its loopback, which is not ours: slirp4netns serves names at an address of its own. */
function planResolvConf(target: string, inHome: (target: string) => string): readonly Argv[] {
  const source = inHome('/resolv.conf');
  if (!isBelowRun(target)) return [['mount', '--bind', source, target]];
  // systemd-resolved unlinks its file and makes it anew, which would take away a mount on it.
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
