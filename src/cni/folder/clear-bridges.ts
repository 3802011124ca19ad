import type { BridgeRemoval } from '../../host/netlink/links.js';
import type { Address } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { writesBridgeRules } from './bridge-rules.js';
import type { DraftChange } from './folder-commit.js';
import type { IndexedFile, NetworkIndex } from './network-index.js';

export interface BridgeHost {
  /** False where it is known without a question that there is no such bridge. */
  mayHaveBridge(bridge: string): boolean;
  /**
   * Takes a bridge that no network names any more away.
   *
   * @param gateways addresses that it has, where it may be another one of the name by now
   */
  removeBridge(bridge: string, gateways?: readonly Address[]): Promise<BridgeRemoval>;
  /** Takes away what plugins left in the packet filter for bridges that are gone. @returns a warning where something may be left */
  removeBridgeRules(bridges: readonly string[], hasIpv6: boolean): Promise<string | undefined>;
}

/** A bridge that was there, and is gone. */
interface Cleared {
  readonly bridge: string;
  readonly before: IndexedFile;
  readonly warnings: string[];
}

/**
 * Takes bridges that no network names any more away, and then the rules for them, of all together. Under the lane: the next network on a
 * bridge of the name has rules of its own from the first attachment on, which a removal that comes late would take.
 *
 * Rules are looked for where a bridge was there, so that something had been attached, and where the plugins of its network write such: else a
 * removal starts no program.
 */
export async function clearBridges(
  changes: readonly DraftChange[],
  index: NetworkIndex,
  host: BridgeHost,
): Promise<void> {
  const cleared: Cleared[] = [];
  for (const { before, outcome, warnings } of changes) {
    if (before === undefined || outcome === undefined || outcome instanceof NetworkError) continue;
    for (const bridge of before.decoded.bridges) {
      if (index.bridgeCount(bridge) > 0) continue;
      const removal = await announce(warnings, `bridge ${bridge} is still being removed`, async () => {
        return await host.removeBridge(bridge);
      });
      if (typeof removal === 'object') warnings.push(removal.stays);
      if (removal === 'removed' && writesBridgeRules(before.decoded.conflist)) {
        cleared.push({ bridge, before, warnings });
      }
    }
  }
  if (cleared.length > 0) await clearRules(cleared, host);
}

async function clearRules(cleared: readonly Cleared[], host: BridgeHost): Promise<void> {
  const bridges = cleared.map(({ bridge }) => bridge);
  const hasIpv6 = cleared.some(({ before }) => before.decoded.network?.ipv6Enabled === true);
  const warning = await host.removeBridgeRules(bridges, hasIpv6);
  if (warning !== undefined) for (const { warnings } of cleared) warnings.push(warning);
}

/** For a caller who is answered before the kernel has done it. */
async function announce<T>(warnings: string[], unfinished: string, act: () => Promise<T>): Promise<T> {
  warnings.push(unfinished);
  const done = await act();
  warnings.splice(warnings.indexOf(unfinished), 1);
  return done;
}
