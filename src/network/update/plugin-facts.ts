import type { PluginLack } from '../../model/errors/plugin.js';
import type { Driver, IpamDriver } from '../../model/network.js';
import type { PluginAbility, PluginFinder } from '../dependencies/plugins.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';

/** What a change has to know of the installed plugins. */
export interface UpdatePlugins {
  /** The driver that they were asked for. */
  readonly driver: string;
  readonly dnsInstalled: boolean;
  /** The version of CNI that the file gets when the dnsname plugin joins the chain. */
  readonly dnsCniVersion: string;
  readonly lacks: Readonly<Partial<Record<PluginAbility, PluginLack>>>;
}

/** Asks the plugins, before the write lane is taken: a binary that is new to podnetd is run. */
export async function gatherUpdatePlugins({ network }: StoredNetwork, plugins: PluginFinder): Promise<UpdatePlugins> {
  const driver = network.driver as Driver;
  const ipamDriver = (network.ipamDriver ?? 'none') as IpamDriver;
  const [version, routeMetric, portIsolation] = await Promise.all([
    plugins.chooseCniVersion({ driver, ipamDriver, dnsname: true }),
    plugins.findLack('routeMetric', driver),
    plugins.findLack('portIsolation', driver),
  ]);
  return {
    driver,
    dnsInstalled: plugins.has('dnsname'),
    dnsCniVersion: version.cniVersion,
    lacks: { ...(routeMetric && { routeMetric }), ...(portIsolation && { portIsolation }) },
  };
}
