import { ConfigError } from '../config/config-error.js';
import type { GivenOptions } from '../config/option.js';
import { readSocket } from '../config/values.js';
import type { Wanted } from '../map/source/find.js';

/** What a command line of `fleet` asks for. */
export type FleetWish =
  | { readonly action: 'status'; readonly isJson: boolean; readonly from: Wanted }
  | { readonly action: 'release'; readonly host: string; readonly isConfirmed: boolean };

/** Flags of one action alone. */
const flagsOf = { status: ['json', 'socket'], release: ['yes'] } as const;

/** @throws ConfigError */
export function readWish([action, host]: readonly string[], options: GivenOptions): FleetWish {
  if (action === 'release') {
    refuseFlags('release', flagsOf.status, options);
    if (host === undefined || host === '')
      throw new ConfigError('fleet release: the argument HOST is missing; podnetd fleet status lists the hosts');
    return { action, host, isConfirmed: options.has('yes') };
  }
  refuseFlags('status', flagsOf.release, options);
  if (host !== undefined) throw new ConfigError(`fleet status ${host}: status takes no HOST; leave it out`);
  const socket = options.get('socket')?.at(-1);
  const folderFlag = options.has('config') ? 'config' : undefined;
  if (socket !== undefined && folderFlag !== undefined)
    throw new ConfigError(
      `--socket ${socket} and --config: a status is that of a daemon or of the files; leave one of the two out`,
    );
  return {
    action: 'status',
    isJson: options.has('json'),
    from: { socket: socket === undefined ? undefined : readSocket('--socket', socket), folderFlag },
  };
}

function refuseFlags(action: string, flags: readonly string[], options: GivenOptions): void {
  const flag = flags.find((name) => options.has(name));
  if (flag !== undefined) throw new ConfigError(`fleet ${action}: takes no --${flag}; see podnetd fleet --help`);
}
