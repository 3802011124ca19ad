import { besides } from './container.js';
import { entry } from './entry.js';
import { nameRemedy, nameRule } from './name-rule.js';

const otherInterface = 'name another one, or none: podnetd takes the next free ethN';

/** A container's interface on a network: whether it is there, and the options that it is to have. */
export const attachmentErrors = {
  alreadyConnected: entry({
    kind: 'inUse',
    message: (d: { container: string; network: string }) =>
      `container ${d.container} is already connected to network "${d.network}": network is already connected`,
    remedy: (d) => `to connect it otherwise, disconnect it first: POST /podnetd/v1/networks/${d.network}/disconnect`,
    root: 'network is already connected',
  }),
  notConnected: entry({
    kind: 'invalid',
    /** @param d `disbelieved` are files that say otherwise, each with why it is not believed */
    message: (d: { container: string; network: string; disbelieved?: readonly string[] }) =>
      `container ${d.container} is not connected to network ${d.network}${besides(d)}`,
    remedy: (d) => `GET /podnetd/v1/networks/${d.network}/attachments lists the containers that are`,
  }),
  attachmentStuck: entry({
    kind: 'plugin',
    /** @param d `failure` is why it was to be undone; undefined for what an earlier request began */
    message: (d: { container: string; network: string; failure: string | undefined; leftovers: readonly string[] }) =>
      `${d.failure === undefined ? '' : `${d.failure}; `}what was begun cannot be undone: ${d.leftovers.join('; ')}; ` +
      `container ${d.container} keeps network ${d.network} in use until force forgets it: ` +
      `docker network disconnect --force ${d.network} ${d.container}`,
  }),
  staticAddressOutside: entry({
    kind: 'invalid',
    message: (d: { address: string; network: string }) =>
      `requested static ip ${d.address} not in any subnet on network ${d.network}`,
    remedy: (d) => `choose a free address of the subnets that GET /networks/${d.network} shows`,
  }),
  staticAddressUnusable: entry({
    kind: 'invalid',
    message: (d: { address: string; subnet: string; role: 'gateway' | 'network' | 'broadcast' }) =>
      `requested static ip ${d.address} is the ${d.role} address of subnet ${d.subnet}`,
    remedy: (d) => `choose another address of ${d.subnet}`,
  }),
  macInvalid: entry({
    kind: 'invalid',
    message: (d: { mac: string; reason: string }) => `address ${d.mac}: invalid MAC address: ${d.reason}`,
    remedy: 'write it as 02:42:0a:59:00:09; its second digit is even',
  }),
  aliasInvalid: entry({
    kind: 'invalid',
    message: (d: { alias: string }) => `alias ${JSON.stringify(d.alias)} invalid: ${nameRule}`,
    remedy: nameRemedy,
  }),
  interfaceNameInvalid: entry({
    kind: 'invalid',
    message: (d: { interfaceName: string; reason: string }) =>
      `interface name ${JSON.stringify(d.interfaceName)} invalid: ${d.reason}`,
    remedy: otherInterface,
  }),
  interfaceNameUsed: entry({
    kind: 'exists',
    message: (d: { interfaceName: string; container: string }) =>
      `interface ${d.interfaceName} already exists in container ${d.container}`,
    remedy: otherInterface,
  }),
  portMappingInvalid: entry({
    kind: 'invalid',
    message: (d: { mapping: string; reason: string }) => `port mapping ${d.mapping} invalid: ${d.reason}`,
  }),
  portMappingImpossible: entry({
    kind: 'invalid',
    message: (d: { network: string }) =>
      `network ${d.network} maps no ports: none of its plugins has the capability portMappings`,
    remedy: 'connect it to a bridge network, whose plugin portmap does, or leave port_mappings out',
  }),
  hostPortUsed: entry({
    kind: 'exists',
    message: (d: { port: string; container: string }) =>
      `port ${d.port} of the host is mapped to container ${d.container} already`,
    remedy: 'choose another host_port, or disconnect that container first',
  }),
  /** The same for a client that may not know who has the port. */
  hostPortUnavailable: entry({
    kind: 'exists',
    message: (d: { port: string }) => `port ${d.port} of the host is not available`,
    remedy: 'choose another host_port',
  }),
};
