import type { PluginLack } from '../../model/errors/plugin.js';
import type { Driver, IpamDriver } from '../../model/network.js';

/** What plugins do only from some version on: give routes a metric, keep containers of one bridge apart. */
export type PluginAbility = 'routeMetric' | 'portIsolation';

/** The plugins of a network: the first, its IPAM plugin, and those that Podman chains to it. */
export interface PluginsOfNetwork {
  readonly driver: Driver;
  readonly ipamDriver: IpamDriver;
  /** Whether the dnsname plugin is among them. */
  readonly dnsname: boolean;
}

export interface ChosenVersion {
  readonly cniVersion: string;
  /** Why one of the plugins will refuse the version; undefined when none will. */
  readonly problem: string | undefined;
}

/** The plugins that are installed, as their binaries report themselves. */
export interface PluginFinder {
  has(plugin: string): boolean;
  /** The version of CNI for a network's file: one that every installed plugin understands. */
  chooseCniVersion(plugins: PluginsOfNetwork): Promise<ChosenVersion>;
  /** @returns undefined when every plugin that takes part in it is able to */
  findLack(ability: PluginAbility, driver: Driver): Promise<PluginLack | undefined>;
}
