import { printGoJson, type GoValue } from '../../model/go/json.js';
import type { PlannedNetwork } from '../../model/network.js';
import { argKeys } from './arg-keys.js';
import { buildDockerArgs } from './docker-args.js';
import { buildReservedArgs } from './reserved-args.js';
import { buildBridge } from './plugins/bridge.js';
import { buildFirewall, dnsname, portmap, tuning } from './plugins/chained.js';
import { buildMacvlan } from './plugins/macvlan.js';

/** Podman writes it into every conflist; the dnsname plugin knows no later one. */
const cniVersion = '0.4.0';

/** The conflist that Podman would write for this network, byte for byte: three-space indent, no newline at the end. */
export function encodeConflist(network: PlannedNetwork): string {
  const args = buildArgs(network);
  const conflist: GoValue = {
    args: args.size > 0 ? args : undefined,
    cniVersion,
    name: network.name,
    plugins: buildPlugins(network),
  };
  return printGoJson(conflist, 3);
}

function buildPlugins(network: PlannedNetwork): readonly GoValue[] {
  if (network.driver !== 'bridge') return [buildMacvlan(network)];
  const chain = [buildBridge(network), portmap, buildFirewall(network.link.isolate), tuning];
  return network.dnsEnabled ? [...chain, dnsname] : chain;
}

function buildArgs(network: PlannedNetwork): ReadonlyMap<string, GoValue> {
  const args = new Map<string, GoValue>();
  const keep = (key: string, map: ReadonlyMap<string, GoValue>) => {
    if (map.size > 0) args.set(key, map);
  };
  keep(argKeys.labels, network.labels);
  if (network.form === 'podman4') keep(argKeys.options, network.options);
  for (const [key, map] of buildReservedArgs(network.subnets)) keep(key, map);
  for (const [key, value] of network.docker === undefined ? [] : buildDockerArgs(network.docker)) {
    if (value !== undefined) args.set(key, value);
  }
  return args;
}
