import { ConfigError } from './config-error.js';
import type { Config } from './config.js';
import type { ListenSocket } from './listen-socket.js';
import type { LabelScope } from '../model/label-scope.js';
import type { Role } from '../model/role.js';
import { checkAddons } from '../host/own-process/addons.js';
import { findHindrance } from '../host/files/folder-use.js';
import { findGroupId } from '../host/sockets/groups.js';
import { inspectorAddress } from '../host/own-process/inspector.js';
import type { WarningLog } from '../host/sockets/systemd.js';

/** A fault that would not mend itself ends the start before any file is made. */

/** @throws ConfigError */
export function refuseInspector(): void {
  const address = inspectorAddress();
  if (address === undefined) return;
  throw new ConfigError(
    `Node's inspector is open at ${address}: every local user could run code as this one; start without --inspect, also in NODE_OPTIONS`,
  );
}

/** @throws ConfigError, AddonError */
export function checkMachine(config: Config, log: WarningLog): void {
  checkAddons();
  const folder = config.cniConfigDir;
  const hindrance = findHindrance(folder);
  if (hindrance?.isLasting === true) {
    throw new ConfigError(
      `folder of networks ${folder}: ${hindrance.reason}; give one that podnetd may list with --cni-config-dir`,
    );
  }
  if (hindrance !== undefined)
    log.warn({ folder, reason: hindrance.reason }, `the folder of networks cannot be ${words[hindrance.act]}`);
  for (const warning of config.warnings) log.warn({}, warning);
}

const words = { list: 'listed', change: 'changed' } as const;

/** A socket of the settings with nothing left to a default but its role. */
interface SocketToMake {
  readonly path: string;
  readonly role: Role | undefined;
  readonly label: LabelScope | undefined;
  readonly mode: number;
  /** Undefined for the group of this process. */
  readonly gid: number | undefined;
}

/** @param needsGroups whether podnetd makes the sockets @throws ConfigError for a group that is not there */
export async function findSockets(
  { listen, socketMode, socketGroup }: Config,
  needsGroups: boolean,
): Promise<readonly SocketToMake[]> {
  const gidOf = async ({ path, group }: ListenSocket) => {
    if (!needsGroups) return undefined;
    if (group !== undefined) return await findGroup(`group ${group} of the socket ${path}`, group);
    return socketGroup === undefined ? undefined : await findGroup(`--socket-group ${socketGroup}`, socketGroup);
  };
  return await Promise.all(
    listen.map(async (socket) => ({
      path: socket.path,
      role: socket.role,
      label: socket.label,
      mode: socket.mode ?? socketMode,
      gid: await gidOf(socket),
    })),
  );
}

async function findGroup(subject: string, group: string): Promise<number> {
  const gid = await findGroupId(group);
  if (gid !== undefined) return gid;
  throw new ConfigError(`${subject}: no such group; give the name or number of one that is there`);
}
