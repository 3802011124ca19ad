import { ConfigError } from './config-error.js';
import type { Config } from './config.js';
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

/** @returns undefined for the group of this process @throws ConfigError */
export async function findSocketGroup(group: string | undefined): Promise<number | undefined> {
  if (group === undefined) return undefined;
  const gid = await findGroupId(group);
  if (gid !== undefined) return gid;
  throw new ConfigError(`--socket-group ${group}: no such group; give the name or number of one that is there`);
}
