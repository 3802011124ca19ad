import path from 'node:path';
import { parseArgs } from 'node:util';
import { maxSocketPathBytes } from '../host/sockets/socket-path.js';
import { longestTimerMs } from '../model/longest-timer.js';
import { ConfigError } from './config-error.js';

export interface Flags {
  readonly listen: readonly string[];
  readonly cniConfigDir: string | undefined;
  readonly cniPluginDirs: readonly string[];
  readonly cniCacheDir: string | undefined;
  readonly idleTimeoutMs: number;
  readonly socketMode: number;
  readonly socketGroup: string | undefined;
  readonly lockTimeoutMs: number;
  readonly logLevel: string;
}

export type Arguments =
  | { readonly action: 'run'; readonly flags: Flags }
  | { readonly action: 'help'; readonly text: string }
  | { readonly action: 'version' };

const help = `Usage: podnetd [OPTIONS]

Serves the network API of Podman and Docker on Unix sockets, over CNI configuration files.

  --listen unix:///PATH     socket to listen on, may be repeated; sockets of a service manager take its place
                            (default /run/podnetd/podnetd.sock, or $XDG_RUNTIME_DIR/podnetd/podnetd.sock for a user)
  --cni-config-dir DIR      folder of the conflists (default /etc/cni/net.d, or $XDG_CONFIG_HOME/cni/net.d for a user)
  --cni-plugin-dir DIR      folder of plugin binaries, may be repeated
  --cni-cache-dir DIR       folder of libcni's results and host-local's leases
                            (default /var/lib/cni, or $XDG_RUNTIME_DIR/rootless-cni/var/lib/cni for a user)
  --idle-timeout SECONDS    exit after this long without a request; 0 for never (default 0)
  --socket-mode OCTAL       mode of the sockets (default 0660)
  --socket-group NAME       group of the sockets
  --lock-timeout SECONDS    how long a change waits for other programs that hold the lock (default 30)
  --log-level LEVEL         trace, debug, info, warn, error, fatal or silent (default info)
  --version                 print the version and exit
  --help                    print this text and exit

Other settings come from containers.conf, as for Podman: network_config_dir, cni_plugin_dirs, default_network,
default_subnet and default_subnet_pools of its table [network]. Flags win.
`;

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
/** Seconds that a Node timer can be set to. */
const maxSeconds = Math.floor(longestTimerMs / 1_000);

const options = {
  listen: { type: 'string', multiple: true },
  'cni-config-dir': { type: 'string' },
  'cni-plugin-dir': { type: 'string', multiple: true },
  'cni-cache-dir': { type: 'string' },
  'idle-timeout': { type: 'string' },
  'socket-mode': { type: 'string' },
  'socket-group': { type: 'string' },
  'lock-timeout': { type: 'string' },
  'log-level': { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @param args without the program's own name @throws ConfigError */
export function parseArguments(args: readonly string[]): Arguments {
  const values = parseStrictly(args);
  if (values.help === true) return { action: 'help', text: help };
  if (values.version === true) return { action: 'version' };
  return {
    action: 'run',
    flags: {
      listen: [...new Set((values.listen ?? []).map(readSocket))],
      cniConfigDir: readFolder('--cni-config-dir', values['cni-config-dir']),
      cniPluginDirs: (values['cni-plugin-dir'] ?? []).map((dir) => path.resolve(notEmpty('--cni-plugin-dir', dir))),
      cniCacheDir: readFolder('--cni-cache-dir', values['cni-cache-dir']),
      idleTimeoutMs: readIdleTimeout(values['idle-timeout'] ?? '0'),
      socketMode: readMode(values['socket-mode'] ?? '0660'),
      socketGroup:
        values['socket-group'] === undefined ? undefined : notEmpty('--socket-group', values['socket-group']),
      lockTimeoutMs: readLockTimeout(values['lock-timeout'] ?? '30'),
      logLevel: readLevel(values['log-level'] ?? 'info'),
    },
  };
}

function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ConfigError(`${message.replace(/\. To specify .*/, '').replace(/\.$/, '')}; see --help`, {
      cause: error,
    });
  }
}

function readSocket(value: string): string {
  const given = /^unix:(?:\/\/)?(\/(?!\/).*)$/.exec(value)?.[1] ?? value;
  if (!path.isAbsolute(given)) {
    throw new ConfigError(`--listen ${value}: podnetd listens on Unix sockets only: unix:///PATH`);
  }
  const socket = path.normalize(given);
  const bytes = Buffer.byteLength(socket);
  if (bytes > maxSocketPathBytes || socket.endsWith('/')) {
    throw new ConfigError(
      socket.endsWith('/')
        ? `--listen ${value}: a socket is no folder`
        : `--listen ${value}: the path has ${bytes} bytes, a socket's has at most ${maxSocketPathBytes}`,
    );
  }
  return socket;
}

function readFolder(flag: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : path.resolve(notEmpty(flag, value));
}

function notEmpty(flag: string, value: string): string {
  if (value === '') throw new ConfigError(`${flag}: the value is empty`);
  return value;
}

function readIdleTimeout(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) > maxSeconds) {
    throw new ConfigError(`--idle-timeout ${value}: not a whole number of seconds from 0 to ${maxSeconds}`);
  }
  return Number(value) * 1000;
}

function readLockTimeout(value: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (seconds <= 0 || seconds > maxSeconds) {
    throw new ConfigError(`--lock-timeout ${value}: not a number of seconds above 0, up to ${maxSeconds}`);
  }
  return Math.ceil(seconds * 1000);
}

function readMode(value: string): number {
  if (!/^0?[0-7]{3}$/.test(value)) throw new ConfigError(`--socket-mode ${value}: not three octal digits, as in 0660`);
  return Number.parseInt(value, 8);
}

function readLevel(value: string): string {
  if (!levels.includes(value)) throw new ConfigError(`--log-level ${value}: not one of ${levels.join(', ')}`);
  return value;
}
