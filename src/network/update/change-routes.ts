import { formatAddress, formatCidr } from '../../ip/cidr.js';
import type { Network, Route } from '../../model/network.js';
import { checkGateways, checkRoutes } from '../create/routes.js';
import { refuseRouteMetrics } from '../create/within-plugins.js';
import type { UpdatePlugins } from './plugin-facts.js';
import type { WantedFacts } from './wanted-facts.js';

interface RoutesContext {
  readonly plugins: UpdatePlugins;
  /** Subnets of the network after the change. */
  readonly subnets: Network['subnets'];
  /** Whether containers get a default route after the change; undefined where the change does not say so. */
  readonly defaultRoute: boolean | undefined;
}

/** @returns undefined for routes that stay @throws NetworkError invalid, unsupported */
export function changeRoutes(
  network: Network,
  { routes }: WantedFacts,
  { plugins, subnets, defaultRoute }: RoutesContext,
): readonly Route[] | undefined {
  const hadDefault = !network.options.has('no_default_route');
  // Routes that stay lead to gateways that have to stay.
  if (routes === undefined || printRoutes(routes) === printRoutes(network.routes)) {
    const kept = network.routes.flatMap((route) =>
      route.gateway === undefined ? [] : [{ ...route, gateway: route.gateway }],
    );
    if (subnets !== network.subnets) checkGateways(kept, subnets);
    if (defaultRoute === true && !hadDefault) checkRoutes(kept, { defaultRoute: !network.internal });
    return undefined;
  }
  const hasDefault = defaultRoute ?? hadDefault;
  checkRoutes(routes, { defaultRoute: hasDefault && !network.internal });
  checkGateways(routes, subnets);
  refuseRouteMetrics(routes, plugins.lacks.routeMetric);
  return routes;
}

function printRoutes(routes: readonly Route[]): string {
  return routes
    .map(
      ({ destination, gateway, metric }) => `${formatCidr(destination)} ${gateway && formatAddress(gateway)} ${metric}`,
    )
    .join();
}
