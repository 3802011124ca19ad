import { printGoJson, type GoValue } from '../../model/go/json.js';
import type { PlannedNetwork } from '../../model/network.js';
import { unlessEmpty } from './arg-maps.js';
import { writeFields } from './fields.js';
import { chains, firstPluginKeys, ipamKeys, type FirstPluginKey } from './podman-shape.js';

/** The conflist that Podman would write for this network, byte for byte: three-space indent, no newline at the end. */
export function encodeConflist(network: PlannedNetwork): string {
  return printGoJson(buildConflist(network), 3);
}

/** The value of that text. */
export function buildConflist(network: PlannedNetwork): GoValue {
  const { first, ipam, chained, args } = writeFields(network);
  const members = { ...first, ipam: inOrder(ipamKeys, ipam) };
  const firstPlugin = inOrder<FirstPluginKey>(firstPluginKeys[network.driver], members);
  const chain = chains[network.driver].filter((type) => chained[type] !== undefined);
  const given = Object.entries(args).filter((entry): entry is [string, GoValue] => entry[1] !== undefined);
  return {
    args: unlessEmpty(new Map(given)),
    cniVersion: network.cniVersion,
    name: network.name,
    plugins: [firstPlugin, ...chain.map((type) => ({ type, ...chained[type] }))],
  };
}

/** The members of these keys, in this order. */
function inOrder<Key extends string>(
  keys: readonly Key[],
  members: { readonly [K in Key]?: GoValue | undefined },
): Readonly<Record<string, GoValue | undefined>> {
  const ordered: Record<string, GoValue | undefined> = {};
  for (const key of keys) ordered[key] = members[key];
  return ordered;
}
