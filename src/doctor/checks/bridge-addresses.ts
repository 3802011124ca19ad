import { compareAddresses, formatAddress } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import { declareCheck, type Sighting } from './check.js';
import { key } from '../facts/key.js';
import { networksByBridge, portsByLink } from '../facts/lookups.js';
import type { LinkFacts, NetworkFacts } from '../facts/facts.js';
import { listNames } from './words.js';

/** The first ten bits of fe80::/10. */
const linkLocal6 = 0x3fan;

export const bridgeAddresses = declareCheck({
  code: 'bridge-addresses',
  severity: 'error',
  title: "The addresses of a bridge are not its network's gateways",
  why: 'The bridge plugin refuses a bridge with other addresses, and containers whose gateway is missing reach nothing outside of their network.',
  fix: undefined,
  follows: ['subnets-overlap'],
  look: ({ folder, kernel }) =>
    (kernel?.links ?? [])
      .filter(({ kind }) => kind === 'bridge')
      .flatMap((bridge) => {
        const networks = networksByBridge(folder).get(bridge.name) ?? [];
        const hasPorts = kernel !== undefined && portsByLink(kernel).has(bridge.name);
        return networks.length > 0 && networks.every(isKnown) ? compare(bridge, networks, hasPorts) : [];
      }),
});

/** Whether the file says which addresses the plugin gives to the bridge. */
function isKnown({ plugins, stored }: NetworkFacts): boolean {
  const [first, ...others] = plugins.filter(({ type }) => type === 'bridge');
  const hasOne = first !== undefined && others.length === 0;
  return hasOne && first['isGateway'] === true && !first['vlan'] && stored.network.ipamDriver === 'host-local';
}

function compare(bridge: LinkFacts, networks: readonly NetworkFacts[], hasPorts: boolean): readonly Sighting[] {
  const gateways = networks.flatMap(({ stored }) => stored.network.subnets.flatMap(({ gateway }) => gateway ?? []));
  const own = bridge.addresses
    .map(({ address }) => address)
    .filter(({ family, value }) => family === 4 || value >> 118n !== linkLocal6);
  const strange = own.filter((address) => !has(gateways, address));
  // Without containers the plugin gives them to the bridge at the next ADD.
  const missing = hasPorts ? gateways.filter((address) => !has(own, address)) : [];
  if (strange.length === 0 && missing.length === 0) return [];
  const { name } = bridge;
  const facts = [
    ...(strange.length === 0 ? [] : [`has ${strange.map(formatAddress).join(', ')} too`]),
    ...(missing.length === 0 ? [] : [`lacks ${missing.map(formatAddress).join(', ')}`]),
  ];
  const commands = [
    ...strange.map((address) => `ip address delete ${withBits(address, bridge)} dev ${name}`),
    ...missing.map((address) => `ip address add ${withBits(address, bridge, networks)} dev ${name}`),
  ];
  const names = networks.map((network) => network.name);
  return [
    {
      seen: `bridge ${name} of ${listNames('network', names)} ${facts.join(' and ')}`,
      remedy: commands.join('; '),
      about: [key.bridge(name), ...names.map(key.network)],
    },
  ];
}

function withBits(address: Address, { addresses }: LinkFacts, networks: readonly NetworkFacts[] = []): string {
  const subnets = networks.flatMap(({ stored }) => stored.network.subnets);
  const bits =
    addresses.find((one) => compareAddresses(one.address, address) === 0)?.prefix.prefixBits ??
    subnets.find(({ gateway }) => gateway !== undefined && compareAddresses(gateway, address) === 0)?.cidr.prefixBits;
  return `${formatAddress(address)}/${bits}`;
}

function has(addresses: readonly Address[], wanted: Address): boolean {
  return addresses.some((one) => one.family === wanted.family && one.value === wanted.value);
}
