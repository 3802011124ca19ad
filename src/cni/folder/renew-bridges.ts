import { formatCidr } from '../../ip/cidr.js';
import { NetworkError } from '../../model/errors/errors.js';
import { announce, type BridgeHost } from './clear-bridges.js';
import type { DraftChange } from './folder-commit.js';
import type { NetworkIndex } from './network-index.js';

/**
 * Takes from the host what changed networks no longer ask for. The address of a subnet that went goes with the bridge, which the next attachment
 * makes anew; no container is on it. Where isolation ends, its rules go alone, because containers may be on the bridge. The lane is held.
 */
export async function renewBridges(
  changes: readonly DraftChange[],
  index: Pick<NetworkIndex, 'bridgeCount'>,
  host: BridgeHost,
): Promise<void> {
  for (const change of changes) {
    const { after, outcome, warnings } = change;
    if (after?.driver !== 'bridge' || outcome === undefined || outcome instanceof NetworkError) continue;
    const bridge = after.networkInterface;
    // A bridge of two networks has the addresses and the rules of both.
    if (index.bridgeCount(bridge) > 1 || !host.mayHaveBridge(bridge)) continue;
    if (losesSubnet(change)) {
      const removal = await announce(warnings, `bridge ${bridge} is still being removed`, async () => {
        return await host.removeBridge(bridge);
      });
      if (typeof removal === 'object') warnings.push(removal.stays);
    }
    if (endsIsolation(change)) {
      const warning = await host.removeBridgeRules([bridge], hasIpv6(change), 'isolation');
      if (warning !== undefined) warnings.push(warning);
    }
  }
}

function losesSubnet({ before, after }: DraftChange): boolean {
  const left = new Set(after?.subnets.map(({ cidr }) => formatCidr(cidr)));
  return before?.decoded.network?.subnets.some(({ cidr }) => !left.has(formatCidr(cidr))) === true;
}

function endsIsolation({ before, after }: DraftChange): boolean {
  return before?.decoded.network?.options.get('isolate') === 'true' && after?.link.isolate === false;
}

function hasIpv6({ before, after }: DraftChange): boolean {
  return before?.decoded.network?.ipv6Enabled === true || after?.ipv6Enabled === true;
}
