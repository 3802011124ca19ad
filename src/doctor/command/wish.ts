import { ConfigError } from '../../config/config-error.js';
import type { GivenOptions } from '../../config/option.js';
import { readSocket } from '../../config/values.js';

/** The wish of a command line of `doctor`. */
export interface DoctorWish {
  readonly isJson: boolean;
  /** `plan` shows what a repair would do. */
  readonly repair: 'none' | 'plan' | 'act';
  /** Codes to look for; empty for all. */
  readonly only: ReadonlySet<string>;
  /** Absolute path of the socket that must answer; undefined for the usual one, which need not. */
  readonly socket: string | undefined;
  /** The flag by which podnetd looks itself and asks no daemon; undefined where none says so. */
  readonly ownFlag: string | undefined;
}

const ownFlags = ['fix', 'dry-run', 'cni-config-dir', 'cni-plugin-dir', 'cni-cache-dir', 'config'];

/** @param codes that there are @throws ConfigError */
export function readWish(options: GivenOptions, codes: readonly string[]): DoctorWish {
  const socket = options.get('socket')?.at(-1);
  const ownFlag = ownFlags.find((name) => options.has(name));
  if (socket !== undefined && ownFlag !== undefined)
    throw new ConfigError(
      `--socket ${socket} and --${ownFlag}: with --${ownFlag} the command looks itself, and a daemon is asked by --socket; leave one of the two out`,
    );
  const only = options.get('only') ?? [];
  const unknown = only.find((code) => !codes.includes(code));
  if (unknown !== undefined) throw new ConfigError(`--only ${unknown}: no such code; podnetd has ${codes.join(', ')}`);
  return {
    isJson: options.has('json'),
    repair: options.has('dry-run') ? 'plan' : options.has('fix') ? 'act' : 'none',
    only: new Set(only),
    socket: socket === undefined ? undefined : readSocket('--socket', socket),
    ownFlag,
  };
}
