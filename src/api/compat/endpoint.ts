import type { Static } from '@sinclair/typebox';
import type { WantedConnect } from '../libpod/attach.js';
import { readConnectOptions } from '../connect-options.js';
import type { CompatConnectBody, CompatEndpointSettings } from './schemas.js';

/** source: moby libnetwork/netlabel/labels.go@v28.5.2 (Ifname) */
const interfaceNameOption = 'com.docker.network.endpoint.ifname';

/**
 * Docker's clients ask in `IPAMConfig` and `DriverOpts`; what they send beside those is what an earlier inspect showed them.
 *
 * @throws NetworkError invalid
 */
export function readConnect({ Container: container = '', EndpointConfig = {} }: CompatConnectBody): WantedConnect {
  const { IPv4Address = '', IPv6Address = '' } = EndpointConfig.IPAMConfig ?? {};
  const options = readConnectOptions({
    addresses: [IPv4Address, IPv6Address],
    mac: EndpointConfig.MacAddress,
    aliases: EndpointConfig.Aliases,
    interfaceName: EndpointConfig.DriverOpts?.[interfaceNameOption],
  });
  return { container, options, warnings: warnOf(EndpointConfig) };
}

/** What CNI has nothing for. */
function warnOf(endpoint: Static<typeof CompatEndpointSettings>): readonly string[] {
  const { DriverOpts = {}, Links = [], IPAMConfig: { LinkLocalIPs = [] } = {}, GwPriority = 0 } = endpoint;
  const warnings = Object.entries(DriverOpts)
    .filter(([option]) => option !== interfaceNameOption)
    .map(([option, value]) => `"${option}: ${value}" is not a recognized option`);
  if (Links.length > 0) {
    warnings.push(
      `Links ${Links.join(', ')} have no effect: containers of a network reach each other by name and alias`,
    );
  }
  if (LinkLocalIPs.length > 0) {
    warnings.push(`LinkLocalIPs ${LinkLocalIPs.join(', ')} have no effect: the kernel gives link-local addresses`);
  }
  if (GwPriority !== 0) {
    warnings.push(`GwPriority ${GwPriority} has no effect: the first network of a container has its default route`);
  }
  return warnings;
}
