import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { ask, type Answer } from './client.js';
import { runProgram, serveInside, type Netns, type Outcome } from './netns.js';
import { writePodmanConf } from './podman-conf.js';
import { makeScratch } from './scratch.js';

/** Podman 4.3 or newer with the CNI back end, and with storage and configuration of its own. */
export interface Podman {
  /** The folder of conflists. */
  readonly folder: string;
  run(...args: readonly string[]): Promise<Outcome>;
  /** Runs Podman. @returns stdout @throws Error when it fails */
  must(...args: readonly string[]): Promise<string>;
}

export interface PodmanOptions {
  readonly folder?: string;
  readonly pluginDir?: string;
  /** Namespace in which Podman runs; the host's by default. */
  readonly netns?: Netns;
  /** Folder that Podman sees as /var/lib/cni; the host's by default. */
  readonly cacheDir?: string;
  /** Program that runs Podman, and its arguments. */
  readonly under?: readonly [file: string, ...args: string[]];
}

export interface PodmanServer extends Podman {
  ask(method: string, url: string, body?: unknown): Promise<Answer>;
}

interface Setup {
  readonly scratch: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export function makePodman(t: Test, options: PodmanOptions = {}): Podman {
  return bind(setUp(t, options), options);
}

/** Starts `podman system service` on a socket of its own. */
export async function servePodman(t: Test, options: PodmanOptions & { readonly netns: Netns }): Promise<PodmanServer> {
  const setup = setUp(t, options);
  const socket = path.join(setup.scratch, 'podman.sock');
  const args = ['system', 'service', '--time', '0', `unix://${socket}`];
  await serveInside(t, options.netns, socket, 'podman', args, setup.env);
  return {
    ...bind(setup, options),
    ask: async (method, url, body) => await ask(socket, method, url, body),
  };
}

/** `podman --remote` against another server's socket. */
export function makeRemotePodman(t: Test, socket: string): Omit<Podman, 'folder'> {
  const { scratch, env } = setUp(t, {});
  const home = { ...env, HOME: scratch, XDG_CONFIG_HOME: scratch };
  return bindRun(['--remote', '--url', `unix://${socket}`], home, {});
}

function setUp(t: Test, { folder, pluginDir = '/usr/lib/cni' }: PodmanOptions): Setup {
  const scratch = makeScratch(t);
  const conflists = folder ?? path.join(scratch, 'net.d');
  mkdirSync(conflists, { recursive: true });
  const env = writePodmanConf(scratch, [
    `network_backend = "cni"`,
    `network_config_dir = ${JSON.stringify(conflists)}`,
    `cni_plugin_dirs = [${JSON.stringify(pluginDir)}]`,
  ]);
  return { scratch, folder: conflists, env };
}

function bind({ folder, env }: Setup, options: PodmanOptions): Podman {
  return { folder, ...bindRun([], env, options) };
}

function bindRun(
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
  { netns, cacheDir, under }: PodmanOptions,
): Omit<Podman, 'folder'> {
  const run = async (...args: readonly string[]) => {
    const [file, ...rest] = [...(under ?? []), 'podman', ...flags, ...args];
    const podman = [file, rest] as const;
    const command = cacheDir === undefined ? podman : withCacheDir(cacheDir, ...podman);
    return netns === undefined ? await runProgram(...command, { env }) : await netns.run(...command, { env });
  };
  return {
    run,
    must: async (...args) => {
      const { code, stdout, stderr } = await run(...args);
      if (code !== 0) throw new Error(`podman ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
  };
}

/**
 * The command line for a mount namespace with another /var/lib/cni. Only the file system that has /var/lib is made private, so the host still
 * sees the network namespaces that Podman mounts.
 */
function withCacheDir(cacheDir: string, file: string, args: readonly string[]): readonly [string, readonly string[]] {
  const script = [
    'mount --make-private "$(findmnt --noheadings --output TARGET --target /var/lib)"',
    'mount -t tmpfs none /var/lib',
    'mkdir /var/lib/cni',
    'mount --bind "$0" /var/lib/cni',
    'exec "$@"',
  ].join(' && ');
  return ['unshare', ['--mount', '--propagation', 'unchanged', 'sh', '-c', script, cacheDir, file, ...args]];
}
