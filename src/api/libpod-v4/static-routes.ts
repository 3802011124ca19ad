import { compareAddresses, formatAddress, formatCidr, networkAddress, parseCidr } from '../../ip/cidr.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Route } from '../../model/network.js';
import type { StaticRoute } from '../../model/request.js';
import { readAddress } from '../fields.js';
import type { V4Network, V4Route } from './schemas.js';

/** Types of routes that Podman knows; plugins make those of the first one. */
const routeTypes: ReadonlySet<string> = new Set(['unicast', 'blackhole', 'unreachable', 'prohibit']);

/**
 * source: containers/common libnetwork/internal/util/validate.go@v0.62.2 ValidateRoute; podman
 * vendor/go.podman.io/common/libnetwork/types/network.go@c6580b4a52 for `route_type`
 *
 * @throws NetworkError invalid, unsupported
 */
export function readRoute(route: V4Route, index: number): StaticRoute {
  const place = `routes[${index}]`;
  const text = route.destination ?? '';
  if (text === '') throw new NetworkError('routeDestinationMissing', { place });
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new NetworkError('cidrInvalid', { field: `destination of ${place}`, text });
  const destination = formatCidr(parsed.cidr);
  if (compareAddresses(parsed.address, networkAddress(parsed.cidr)) !== 0) {
    throw new NetworkError('routeHostBits', { destination: text, prefix: destination });
  }
  checkType(destination, route.route_type ?? '');
  const gateway = readAddress(`gateway of ${place}`, route.gateway);
  if (gateway === undefined) throw new NetworkError('routeGatewayMissing', { destination });
  return { destination: parsed.cidr, gateway, metric: route.metric ?? 0 };
}

function checkType(destination: string, type: string): void {
  if (type === '' || type === 'unicast') return;
  throw new NetworkError(routeTypes.has(type) ? 'routeTypeUnsupported' : 'routeTypeUnknown', {
    destination,
    type,
  });
}

export function writeRoute({ destination, gateway, metric }: Route): NonNullable<V4Network['routes']>[number] {
  return {
    destination: formatCidr(destination),
    ...(gateway && { gateway: formatAddress(gateway) }),
    ...(metric > 0 && { metric }),
  };
}
