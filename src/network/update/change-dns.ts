import { formatAddress } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Network } from '../../model/network.js';
import { warnOfDnsOrder } from '../create/plan.js';
import type { UpdatePlugins } from './plugin-facts.js';
import type { WantedFacts } from './wanted-facts.js';

/** What changes of DNS; undefined is what stays. */
export interface ChangedDns {
  readonly dnsEnabled: boolean | undefined;
  readonly dnsServers: readonly Address[] | undefined;
  readonly warnings: readonly string[];
}

/** @throws NetworkError unsupported */
export function changeDns(network: Network, wanted: WantedFacts, plugins: UpdatePlugins): ChangedDns {
  const dnsEnabled = wanted.dnsEnabled === network.dnsEnabled ? undefined : wanted.dnsEnabled;
  if (dnsEnabled === true) checkDns(network, plugins);
  const isSame = wanted.dnsServers?.map(formatAddress).join() === network.dnsServers.map(formatAddress).join();
  const dnsServers = isSame ? undefined : wanted.dnsServers;
  const servers = dnsServers ?? network.dnsServers;
  const changes = dnsEnabled !== undefined || dnsServers !== undefined;
  const waits = changes && (dnsEnabled ?? network.dnsEnabled) && servers.length > 0;
  return { dnsEnabled, dnsServers, warnings: waits ? [warnOfDnsOrder(network.name, servers)] : [] };
}

/** A create warns of these, because its network does the rest; a change that asks for DNS alone would do nothing. @throws NetworkError unsupported */
function checkDns({ name, driver, ipamDriver, internal }: Network, { dnsInstalled }: UpdatePlugins): void {
  const refuse = (reason: string) => {
    throw new NetworkError('dnsUnavailable', { name, reason });
  };
  if (driver !== 'bridge') refuse(`the dnsname plugin serves bridges, and this is a ${driver}`);
  if (ipamDriver === 'none') refuse('its containers have no addresses');
  if (internal) refuse('the dnsname plugin serves no internal network');
  if (!dnsInstalled) refuse('the dnsname plugin is not installed');
}
