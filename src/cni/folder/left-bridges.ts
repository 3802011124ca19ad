import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { isWayOut } from '../../host/files/temporary-file.js';
import { writesBridgeRules } from './bridge-rules.js';
import type { BridgeHost } from './clear-bridges.js';
import { readLeftover } from './leftovers.js';
import type { NetworkIndex } from './network-index.js';

/** A bridge whose network went with a process that died before the bridge did. */
export interface LeftBridge {
  readonly bridge: string;
  /** What of it is still there, and why. */
  readonly stays: string | undefined;
}

/**
 * Ends removals whose process died behind the file of the network and in front of its bridge: until both are gone a temporary name has the
 * file. A bridge that a network of the folder names is that network's by now, and one with other addresses is another one. Under the lane.
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
    const { network, conflist } = decoded;
    const gateways = network.internal ? [] : network.subnets.flatMap(({ gateway }) => gateway ?? []);
    for (const bridge of decoded.bridges) {
      if (index.bridgeCount(bridge) > 0) continue;
      const removal = await host.removeBridge(bridge, gateways);
      if (typeof removal === 'object') cleared.push({ bridge, stays: removal.stays });
      else
        cleared.push({
          bridge,
          stays: await clearRules(bridge, writesBridgeRules(conflist), network.ipv6Enabled, host),
        });
    }
  }
  return cleared;
}

/** They may be left also where the bridge is gone. */
async function clearRules(bridge: string, hasRules: boolean, hasIpv6: boolean, host: BridgeHost) {
  return hasRules ? await host.removeBridgeRules([bridge], hasIpv6) : undefined;
}
