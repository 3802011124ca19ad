import path from 'node:path';

/** Where a user's namespace and what belongs to it lie; every path is absolute. */
export interface Layout {
  readonly runtimeDir: string;
  /** Mount points of network namespaces: ours, and those that Podman makes for its containers. */
  readonly netnsDir: string;
  readonly netns: string;
  /** What plugins see as `/run` and `/var/lib/cni`. */
  readonly home: string;
  /** What podnetd keeps of its own: the socket is here too. */
  readonly ownDir: string;
  readonly stateFile: string;
  /** There while a network namespace of ours is mounted that the state does not know yet. */
  readonly makingFile: string;
  readonly forwardsFile: string;
  readonly lockFile: string;
  readonly apiSocket: string;
  /** Whoever waits on it ends with whoever keeps the namespace. */
  readonly exitPipe: string;
  /** Where Podman's rootless pause process may be told, in the order of its versions. */
  readonly pausePidFiles: readonly string[];
  /** Podman 4's own namespaces have names that begin so, and their folders here. */
  readonly podman4: { readonly netnsPrefix: string; readonly home: string };
}

/** source: podman libpod/networking_linux.go@54b588c07d and @v4.3.1, pkg/util/utils_supported.go@v4.3.1 */
export function layOut(runtimeDir: string): Layout {
  const at = (...parts: readonly string[]) => path.join(runtimeDir, ...parts);
  return {
    runtimeDir,
    netnsDir: at('netns'),
    netns: at('netns', 'rootless-cni-ns'),
    home: at('rootless-cni'),
    ownDir: at('podnetd'),
    stateFile: at('podnetd', 'rootless.json'),
    makingFile: at('podnetd', 'rootless.making'),
    forwardsFile: at('podnetd', 'forwards.json'),
    lockFile: at('podnetd', 'rootless.lock'),
    apiSocket: at('podnetd', 'slirp4netns.sock'),
    exitPipe: at('podnetd', 'rootless.pipe'),
    pausePidFiles: [at('libpod', 'tmp', 'pause.pid'), at('libpod', 'pause.pid')],
    podman4: { netnsPrefix: 'rootless-netns-', home: at('libpod', 'tmp', 'rootless-netns') },
  };
}

/** libcni's cache and host-local's leases, seen from outside; source: as above, persistentCNIDir. */
export function cacheDirOf(home: string): string {
  return path.join(home, 'var', 'lib', 'cni');
}

/** What plugins see as `/run`. */
export function runOf(home: string): string {
  return path.join(home, 'run');
}
