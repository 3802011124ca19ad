import type { PluginLack } from '../../model/errors/plugin.js';
import type { Driver } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import type { ChosenVersion, PluginAbility, PluginFinder } from '../dependencies/plugins.js';

export type Lacks = Readonly<Partial<Record<PluginAbility, PluginLack>>>;

/** What the plan of a request has to know of the installed plugins. */
export interface PluginFacts extends ChosenVersion {
  readonly dnsInstalled: boolean;
  /** Why the plugins cannot do what the request asks for. */
  readonly lacks: Lacks;
}

/** Asks the plugins, before the write lane is taken: a binary that is new to podnetd is run. */
export async function gatherPluginFacts(checked: CheckedRequest, plugins: PluginFinder): Promise<PluginFacts> {
  const { driver, ipamDriver } = checked;
  const dnsInstalled = checked.dnsEnabled && plugins.has('dnsname');
  const wanted: PluginAbility[] = [];
  if (checked.link.metric > 0 || checked.routes.some(({ metric }) => metric > 0)) wanted.push('routeMetric');
  if (!checked.link.interContainer) wanted.push('portIsolation');
  const [version, lacks] = await Promise.all([
    plugins.chooseCniVersion({ driver, ipamDriver, dnsname: dnsInstalled && !checked.internal && wantsDns(checked) }),
    gatherLacks(wanted, driver, plugins),
  ]);
  return { ...version, dnsInstalled, lacks };
}

/** Which of the abilities the plugins of a driver lack, and why. */
export async function gatherLacks(
  abilities: readonly PluginAbility[],
  driver: Driver,
  plugins: PluginFinder,
): Promise<Lacks> {
  const lacks = await Promise.all(
    abilities.map(async (ability) => [ability, await plugins.findLack(ability, driver)] as const),
  );
  return Object.fromEntries(lacks.filter(([, lack]) => lack !== undefined));
}

/** The dnsname plugin serves bridges only; source: containers/common libnetwork/cni/config.go@v0.50.1. */
export function wantsDns({ dnsEnabled, driver, ipamDriver }: CheckedRequest): boolean {
  return dnsEnabled && driver === 'bridge' && ipamDriver !== 'none';
}
