import type { Driver } from '../../model/network.js';
import type { PluginAbility } from '../../network/dependencies/plugins.js';

/** How podnetd knows that a plugin is able to do something. */
export interface Ability {
  /** The first version of the CNI plugins that is. */
  readonly needed: string;
  /**
   * For each plugin that takes part in it, by its type, a text that its binary holds from that version on. Go programs hold the names of the
   * members that they read; Debian's do not print their version.
   */
  traces(driver: Driver): Readonly<Record<string, string>>;
}

/**
 * source: containernetworking/plugins pkg/ipam/ipam_linux.go@v1.6.0 with containernetworking/cni pkg/types/types.go@v1.2.3 (`priority`);
 * plugins/main/bridge/bridge.go and plugins/meta/firewall/ingresspolicy.go@v1.7.0 (`portIsolation`, ingressPolicy `isolated`)
 */
export const abilities: Readonly<Record<PluginAbility, Ability>> = {
  routeMetric: {
    needed: '1.6.0',
    traces: (driver) => ({ 'host-local': 'json:"priority', [driver]: 'json:"priority' }),
  },
  portIsolation: {
    needed: '1.7.0',
    traces: () => ({ bridge: 'json:"portIsolation', firewall: 'same-bridge|isolated' }),
  },
};
