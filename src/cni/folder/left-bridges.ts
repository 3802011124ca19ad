import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { isWayOut } from '../../host/files/temporary-file.js';
import type { DecodedFile } from '../conflist/decode.js';
import { writesBridgeRules } from './bridge-rules.js';
import type { BridgeHost } from './clear-bridges.js';
import { readLeftover } from './leftovers.js';
import type { NetworkIndex } from './network-index.js';

/** A bridge of a network that a process was removing when it died. */
export interface LeftBridge {
  readonly bridge: string;
  /** Why the bridge or its rules are still there; undefined when both are gone. */
  readonly stays: string | undefined;
}

/**
 * Ends removals whose process died after the network's file was gone and before its bridge was; until then a temporary name has the file. A
 * bridge that a network of the folder names is that network's by now, and a bridge with other addresses is another one. The lane is held.
 *
 * @returns the bridges that no network names
 */
export async function clearLeftBridges(
  folder: string,
  names: readonly string[],
  files: Pick<Files, 'read'>,
  index: Pick<NetworkIndex, 'bridgeCount'>,
  host: BridgeHost,
): Promise<readonly LeftBridge[]> {
  const cleared: LeftBridge[] = [];
  for (const name of names.filter(isWayOut)) {
    const decoded = readLeftover(path.join(folder, name), files);
    if (decoded?.network === undefined || !decoded.podmanShaped) continue;
    const { network } = decoded;
    const gateways = network.internal ? [] : network.subnets.flatMap(({ gateway }) => gateway ?? []);
    for (const bridge of decoded.bridges) {
      if (index.bridgeCount(bridge) > 0) continue;
      const removal = await host.removeBridge(bridge, gateways);
      const stays = typeof removal === 'object' ? removal.stays : await clearRules(bridge, decoded, host);
      cleared.push({ bridge, stays });
    }
  }
  return cleared;
}

/** Also for a bridge that was gone already, because the process may have died before it removed the rules. */
async function clearRules(bridge: string, { network, conflist }: DecodedFile, host: BridgeHost) {
  if (!writesBridgeRules(conflist)) return undefined;
  return await host.removeBridgeRules([bridge], network?.ipv6Enabled === true);
}
