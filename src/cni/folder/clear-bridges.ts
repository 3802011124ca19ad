import type { BridgeRemoval } from '../../host/netlink/links.js';
import type { Address } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { writesBridgeRules, type RuleKind } from './bridge-rules.js';
import type { DraftChange } from './folder-commit.js';
import type { IndexedFile } from './indexed-file.js';
import type { NetworkIndex } from './network-index.js';

/** Removes bridges, and their rules, where the plugins make them. */
export interface BridgeHost {
  /** False when no look at the host is needed to know that there is no such bridge. */
  mayHaveBridge(bridge: string): boolean;
  /**
   * Removes a bridge that no network names any more.
   *
   * @param gateways addresses that it must have, when another bridge may have the name by now
   */
  removeBridge(bridge: string, gateways?: readonly Address[]): Promise<BridgeRemoval>;
  /**
   * Removes the packet filter's rules for bridges: all of bridges that are gone, or those that isolate a bridge that stays.
   *
   * @returns a warning when rules may be left
   */
  removeBridgeRules(bridges: readonly string[], hasIpv6: boolean, kind?: RuleKind): Promise<string | undefined>;
}

/** A bridge that podnetd removed, and the warnings of its removal. */
interface Cleared {
  readonly bridge: string;
  readonly before: IndexedFile;
  readonly warnings: string[];
}

/**
 * Removes the bridges that no network names any more, and then the rules for all of them together. The lane is held, because a late removal
 * would take the rules of the next network on a bridge of the name.
 *
 * A removal starts no program unless a bridge was there, so that containers had been attached, and the network's plugins write such rules.
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

/** Warns while `act` runs, because a client may be answered before the kernel is done. */
export async function announce<T>(warnings: string[], unfinished: string, act: () => Promise<T>): Promise<T> {
  warnings.push(unfinished);
  const done = await act();
  warnings.splice(warnings.indexOf(unfinished), 1);
  return done;
}
