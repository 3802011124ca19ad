import type { PluginLack } from '../../model/errors/plugin.js';
import type { CheckedRequest } from '../../model/request.js';
import type { ChosenVersion, PluginAbility, PluginFinder } from '../dependencies/plugins.js';

/** What the plan of a request has to know of the installed plugins. */
export interface PluginFacts extends ChosenVersion {
  readonly dnsInstalled: boolean;
  /** Why the plugins cannot do what the request asks for. */
  readonly lacks: Readonly<Partial<Record<PluginAbility, PluginLack>>>;
}

/** Asks the plugins, before the write lane is taken: a binary that is new to podnetd is run. */
export async function gatherPluginFacts(checked: CheckedRequest, plugins: PluginFinder): Promise<PluginFacts> {
  const { driver, ipamDriver } = checked;
  const dnsInstalled = checked.dnsEnabled && plugins.has('dnsname');
  const findLack = async (ability: PluginAbility, wanted: boolean) =>
    wanted ? await plugins.findLack(ability, driver) : undefined;
  const [version, routeMetric, portIsolation] = await Promise.all([
    plugins.chooseCniVersion({ driver, ipamDriver, dnsname: dnsInstalled && !checked.internal && wantsDns(checked) }),
    findLack('routeMetric', checked.link.metric > 0 || checked.routes.some(({ metric }) => metric > 0)),
    findLack('portIsolation', !checked.link.interContainer),
  ]);
  return {
    ...version,
    dnsInstalled,
    lacks: { ...(routeMetric && { routeMetric }), ...(portIsolation && { portIsolation }) },
  };
}

/** The dnsname plugin serves bridges only; source: containers/common libnetwork/cni/config.go@v0.50.1. */
export function wantsDns({ dnsEnabled, driver, ipamDriver }: CheckedRequest): boolean {
  return dnsEnabled && driver === 'bridge' && ipamDriver !== 'none';
}
