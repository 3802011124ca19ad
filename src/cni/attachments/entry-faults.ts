import type { AttachmentKey } from '../../model/attachment.js';
import {
  findFaultOfContainerId,
  findFaultOfInterfaceName,
  findFaultOfNetworkName,
} from '../../model/attachment-names.js';
import { isObject } from '../../model/json-object.js';

/** Reasons to distrust a file that claims to describe an attachment. */

/** The name that libcni gives the file. It cannot be split into its three parts again, because each may hold dashes. */
export function cacheFileName({ networkName, containerId, ifName }: AttachmentKey): string {
  return `${networkName}-${containerId}-${ifName}`;
}

/** Checks names that become parts of paths and arguments of plugins. @returns the fault; undefined for valid names */
export function findFaultOfKey({ networkName, containerId, ifName }: AttachmentKey): string | undefined {
  return describe('network name', networkName, findFaultOfNetworkName) ?? findFaultOfHolder({ containerId, ifName });
}

/** Checks the holder of a lease, which has no interface before host-local 0.8. @returns the fault; undefined for valid names */
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

/** Look-ups go by file name and by content, so both must name one attachment. @returns the fault; undefined when they do */
export function findFaultOfPlace(key: AttachmentKey, fileName: string): string | undefined {
  const wanted = cacheFileName(key);
  if (wanted === fileName) return undefined;
  const { networkName, containerId, ifName } = key;
  return `it is of interface ${ifName} of container ${containerId} on network ${networkName}, whose file is ${wanted}: rename or remove it`;
}

/**
 * Plugins keep leases and rules by the name in their configuration, so it must be the network's. `callOf` refuses a configuration that is no
 * JSON object.
 *
 * @returns the fault; undefined for the network's name
 */
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
