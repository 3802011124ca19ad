import { createHash } from 'node:crypto';

/** The network of a number, with the subnet that Podman would give it from the pools. */
function facts(index: number): { name: string; bridge: string; subnet: string; gateway: string } {
  const base = `10.${89 + Math.floor(index / 256)}.${index % 256}`;
  return { name: `net${index}`, bridge: `cni-podman${index + 1}`, subnet: `${base}.0/24`, gateway: `${base}.1` };
}

/** A podnetd.toml with a thousand reservations: a part of every other subnet behind the first `count`, so that creates pass them by. */
export function reservations(count: number): string {
  const rows = Array.from({ length: 1_000 }, (_, index) => {
    const prefix = facts(count + 2 * index).subnet.replace('/24', '/26');
    return `{ subnet = "${prefix}", reason = "bench" }`;
  });
  return `[addresses]\nreserved = [\n${rows.join(',\n')},\n]\n`;
}

/** Lines for `ip -batch` that make the bridge of a network, as an attached container leaves it. */
export function bridgeCommands(index: number, rename = (bridge: string) => bridge): string {
  const { bridge, gateway } = facts(index);
  const name = rename(bridge);
  return `link add ${name} type bridge\nlink set ${name} up\naddress add ${gateway}/24 dev ${name}\n`;
}

/** The file of a network as podnetd and Podman with CNI write it. */
export function conflist(index: number): string {
  const { name, bridge, subnet, gateway } = facts(index);
  const ipam = { type: 'host-local', routes: [{ dst: '0.0.0.0/0' }], ranges: [[{ subnet, gateway }]] };
  const first = {
    type: 'bridge',
    bridge,
    isGateway: true,
    ipMasq: true,
    hairpinMode: true,
    ipam,
    capabilities: { ips: true },
  };
  const rest = [
    { type: 'portmap', capabilities: { portMappings: true } },
    { type: 'firewall', backend: '' },
    { type: 'tuning' },
  ];
  return JSON.stringify({ cniVersion: '0.4.0', name, plugins: [first, ...rest] }, null, 3);
}

export function netavarkBridge(bridge: string): string {
  return bridge.replace('cni-', '');
}

/** The file of a network as Podman with netavark writes it. */
export function netavarkNetwork(index: number): string {
  const { name, bridge, subnet, gateway } = facts(index);
  return JSON.stringify({
    name,
    id: createHash('sha256').update(name).digest('hex'),
    driver: 'bridge',
    network_interface: netavarkBridge(bridge),
    created: '2026-01-01T00:00:00Z',
    subnets: [{ subnet, gateway }],
    ipv6_enabled: false,
    internal: false,
    dns_enabled: false,
    ipam_options: { driver: 'host-local' },
  });
}
