import path from 'node:path';

/** Absolute paths of a user's namespace and of the files that belong to it. */
export interface Layout {
  readonly runtimeDir: string;
  /** Folder of mount points of network namespaces: podnetd's, and those that Podman makes for its containers. */
  readonly netnsDir: string;
  readonly netns: string;
  /** Folder with the folders that plugins see as `/run` and `/var/lib/cni`. */
  readonly home: string;
  /** podnetd's own files; the socket is here too. */
  readonly ownDir: string;
  readonly stateFile: string;
  /** Exists while podnetd has mounted a network namespace that the state does not record yet. */
  readonly makingFile: string;
  readonly forwardsFile: string;
  readonly lockFile: string;
  readonly apiSocket: string;
  /** Pipe on which slirp4netns waits for the end of the namespace's keeper. */
  readonly exitPipe: string;
  /** Files that may hold the id of Podman's rootless pause process, by Podman's version. */
  readonly pausePidFiles: readonly string[];
  /** How the names of Podman 4's own namespaces begin, and their folder. */
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

/** Folder of libcni's cache and host-local's leases, seen from outside; source: as above, persistentCNIDir. */
export function cacheDirOf(home: string): string {
  return path.join(home, 'var', 'lib', 'cni');
}

/** The folder that plugins see as `/run`. */
export function runOf(home: string): string {
  return path.join(home, 'run');
}

/** The path outside of what plugins see at an absolute path; all but `/run` and `/var/lib/cni` is the host's. */
export function outsideOf(home: string, target: string): string {
  return /^(\/run|\/var\/lib\/cni)(\/|$)/.test(target) ? path.join(home, target) : target;
}
