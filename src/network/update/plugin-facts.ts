import type { Driver, IpamDriver } from '../../model/network.js';
import { gatherLacks, type Lacks } from '../create/plugin-facts.js';
import type { PluginFinder } from '../dependencies/plugins.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';

/** What a change has to know of the installed plugins. */
export interface UpdatePlugins {
  /** The driver that they were asked for. */
  readonly driver: string;
  readonly dnsInstalled: boolean;
  /** The version of CNI that the file gets when the dnsname plugin joins the chain. */
  readonly dnsCniVersion: string;
  readonly lacks: Lacks;
}

/** Asks the plugins, before the write lane is taken: a binary that is new to podnetd is run. */
export async function gatherUpdatePlugins({ network }: StoredNetwork, plugins: PluginFinder): Promise<UpdatePlugins> {
  const driver = network.driver as Driver;
  const ipamDriver = (network.ipamDriver ?? 'none') as IpamDriver;
  const [version, lacks] = await Promise.all([
    plugins.chooseCniVersion({ driver, ipamDriver, dnsname: true }),
    gatherLacks(['routeMetric', 'portIsolation'], driver, plugins),
  ]);
  return {
    driver,
    dnsInstalled: plugins.has('dnsname'),
    dnsCniVersion: version.cniVersion,
    lacks,
  };
}
