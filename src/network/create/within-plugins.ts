import { formatCidr } from '../../ip/cidr.js';
import { NetworkError } from '../../model/errors/errors.js';
import { describeLack, type PluginLack } from '../../model/errors/plugin.js';
import type { Route } from '../../model/network.js';
import { enableIcc } from '../../model/own-options.js';
import type { CheckedRequest } from '../../model/request.js';
import type { PluginFacts } from './plugin-facts.js';

/** A request that the installed plugins are able to fulfil. */
interface Feasible {
  readonly request: CheckedRequest;
  readonly warnings: readonly string[];
}

/**
 * Refuses, by name, what the installed plugins would silently leave undone. A Docker client gets a warning instead for `enable_icc`, because
 * compose files for other hosts have the option.
 *
 * @throws NetworkError unsupported
 */
export function keepWithinPlugins(request: CheckedRequest, { lacks }: PluginFacts): Feasible {
  refuseDefaultMetric(request.link.metric, lacks.routeMetric);
  refuseRouteMetrics(request.routes, lacks.routeMetric);
  if (request.link.interContainer || lacks.portIsolation === undefined) return { request, warnings: [] };
  if (request.docker === undefined) {
    throw new NetworkError('iccBeyondPlugins', { ...lacks.portIsolation, option: enableIcc });
  }
  return {
    request: {
      ...request,
      link: { ...request.link, interContainer: true },
      options: new Map([...request.options].filter(([option]) => option !== enableIcc)),
    },
    warnings: [
      `"${enableIcc}: false" has no effect: containers of one network reach each other, because ${describeLack(lacks.portIsolation)}`,
    ],
  };
}

/** @throws NetworkError unsupported */
export function refuseDefaultMetric(metric: number, lack: PluginLack | undefined): void {
  if (metric === 0 || lack === undefined) return;
  throw new NetworkError('metricBeyondPlugins', { ...lack, metric, of: 'default routes' });
}

/** @throws NetworkError unsupported */
export function refuseRouteMetrics(routes: readonly Route[], lack: PluginLack | undefined): void {
  for (const { destination, metric } of routes) {
    if (metric === 0 || lack === undefined) continue;
    throw new NetworkError('metricBeyondPlugins', { ...lack, metric, of: `the route to ${formatCidr(destination)}` });
  }
}
