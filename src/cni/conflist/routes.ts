import { formatAddress, formatCidr, parseAddress, parseCidr } from '../../ip/cidr.js';
import type { GoValue } from '../../model/go/json.js';
import { asArray, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { PlannedNetwork, Route } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import type { ConflistParts, Field } from './field.js';

/**
 * Static routes stand in `ipam.routes` behind the default routes, which have no `gw`: the plugin takes the network's gateway for these.
 * `priority` is the metric.
 *
 * source: containernetworking/plugins pkg/ipam/ipam_linux.go@v1.1.1 and @v1.6.0, containernetworking/cni pkg/types/types.go@v1.2.0
 */
export const routes: Field<readonly Route[]> = {
  read: (parts) => {
    const entries = routesOf(parts).filter((entry) => !isDefaultRoute(entry));
    return entries.flatMap((entry) => readRoute(entry) ?? []);
  },
  write: (network) => {
    const all = [...defaultRoutes(network), ...network.routes.map(writeRoute)];
    return { ipam: { routes: network.ipamDriver === 'host-local' && all.length > 0 ? all : undefined } };
  },
  compare: compareRoutes,
};

/** What a file says of its default routes. */
export interface DefaultRoutes {
  readonly present: boolean;
  /** The highest of theirs; 0 leaves it to the kernel. */
  readonly metric: number;
}

export function readDefaultRoutes(parts: ConflistParts): DefaultRoutes {
  const entries = routesOf(parts).filter(isDefaultRoute);
  return { present: entries.length > 0, metric: Math.max(0, ...entries.map(readMetric)) };
}

function routesOf({ ipam }: ConflistParts): readonly JsonObject[] {
  return ipam['type'] === 'host-local' ? asArray(ipam['routes']).filter(isObject) : [];
}

/** Whether an entry leads everything to the gateway of the network. */
function isDefaultRoute(entry: JsonObject): boolean {
  return textOf(entry['gw']) === '' && parseCidr(textOf(entry['dst']))?.cidr.prefixBits === 0;
}

/** @returns undefined for an entry that host-local cannot read, so that it makes no route */
function readRoute(entry: JsonObject): Route | undefined {
  const destination = parseCidr(textOf(entry['dst']))?.cidr;
  if (destination === undefined) return undefined;
  return { destination, gateway: parseAddress(textOf(entry['gw'])), metric: readMetric(entry) };
}

function readMetric({ priority }: JsonObject): number {
  return typeof priority === 'number' && Number.isSafeInteger(priority) && priority > 0 ? priority : 0;
}

/** One default route for each family, in the order of the subnets. */
function defaultRoutes({ internal, subnets, link }: PlannedNetwork): readonly GoValue[] {
  if (internal || !link.defaultRoute) return [];
  const families = new Set(subnets.map(({ cidr }) => cidr.family));
  return [...families].map((family) => ({
    dst: family === 4 ? '0.0.0.0/0' : '::/0',
    priority: link.metric || undefined,
  }));
}

function writeRoute({ destination, gateway, metric }: Route): GoValue {
  return {
    dst: formatCidr(destination),
    gw: gateway && formatAddress(gateway),
    priority: metric || undefined,
  };
}

function compareRoutes(has: readonly Route[], { routes: wanted }: CheckedRequest): readonly string[] {
  const [found, asked] = [new Set(has.map(print)), new Set(wanted.map(print))];
  return [
    ...[...asked].filter((route) => !found.has(route)).map((route) => `it lacks route ${route}`),
    ...[...found].filter((route) => !asked.has(route)).map((route) => `it has route ${route} too`),
  ];
}

function print({ destination, gateway, metric }: Route): string {
  const via = gateway === undefined ? '' : ` via ${formatAddress(gateway)}`;
  return `${formatCidr(destination)}${via}${metric === 0 ? '' : ` metric ${metric}`}`;
}
