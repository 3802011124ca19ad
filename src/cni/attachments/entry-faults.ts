import type { AttachmentKey } from '../../model/attachment.js';
import {
  findFaultOfContainerId,
  findFaultOfInterfaceName,
  findFaultOfNetworkName,
} from '../../model/attachment-names.js';
import { isObject } from '../../model/json-object.js';

/** Why something on the disk is not believed that says of which attachment it is. */

/** What the three parts are cannot be told from the name: each may hold dashes. */
export function cacheFileName({ networkName, containerId, ifName }: AttachmentKey): string {
  return `${networkName}-${containerId}-${ifName}`;
}

export function isSameAttachment(a: AttachmentKey, b: AttachmentKey): boolean {
  return a.networkName === b.networkName && a.containerId === b.containerId && a.ifName === b.ifName;
}

/** The names become parts of paths, and arguments of plugins. */
export function findFaultOfKey({ networkName, containerId, ifName }: AttachmentKey): string | undefined {
  return describe('network name', networkName, findFaultOfNetworkName) ?? findFaultOfHolder({ containerId, ifName });
}

/** A lease of host-local before 0.8 has no interface. */
export function findFaultOfHolder({
  containerId,
  ifName,
}: {
  readonly containerId: string;
  readonly ifName: string | undefined;
}): string | undefined {
  return (
    describe('container id', containerId, findFaultOfContainerId) ??
    (ifName === undefined ? undefined : describe('interface name', ifName, findFaultOfInterfaceName))
  );
}

/** An attachment is looked for under its name, and by what its file says: it has to be one. */
export function findFaultOfPlace(key: AttachmentKey, fileName: string): string | undefined {
  const wanted = cacheFileName(key);
  if (wanted === fileName) return undefined;
  const { networkName, containerId, ifName } = key;
  return `it is of interface ${ifName} of container ${containerId} on network ${networkName}, whose file is ${wanted}: rename or remove it`;
}

/** Plugins keep leases and rules by the name in their configuration. One that is no object is refused where it is used. */
export function findFaultOfConfig({
  networkName,
  config,
}: {
  readonly networkName: string;
  readonly config: string;
}): string | undefined {
  let conflist: unknown;
  try {
    conflist = JSON.parse(config);
  } catch {
    return undefined;
  }
  if (!isObject(conflist) || conflist['name'] === undefined || conflist['name'] === networkName) return undefined;
  return `its configuration is of network ${JSON.stringify(conflist['name'])}, not of ${networkName}`;
}

function describe(what: string, value: string, findFault: (value: string) => string | undefined): string | undefined {
  const reason = findFault(value);
  return reason === undefined ? undefined : `${what} ${JSON.stringify(value)} invalid: ${reason}`;
}
