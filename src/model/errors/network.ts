import { entry } from './entry.js';
import { nameRemedy, nameRule } from './name-rule.js';

const lookup = 'GET /networks lists names and ids, GET /podnetd/v1/problems the files of networks that cannot be shown';
const longerId = 'give the name, or more characters of the id';

/** A network as a whole: its name and id, the way to find it, its removal. */
export const networkErrors = {
  nameInvalid: entry({
    kind: 'invalid',
    message: (d: { name: string }) => `network name ${d.name} invalid: ${nameRule}`,
    remedy: nameRemedy,
    root: 'invalid argument',
  }),
  nameTooLong: entry({
    kind: 'invalid',
    message: (d: { name: string; bytes: number; limitBytes: number }) =>
      `network name ${d.name} invalid: it has ${d.bytes} bytes, at most ${d.limitBytes} are allowed`,
  }),
  nameReserved: entry({
    kind: 'forbidden',
    message: (d: { name: string }) =>
      `cannot create network with name "${d.name}" because it conflicts with a valid network mode`,
    remedy: (d) => `choose another name, such as ${d.name}0`,
  }),
  nameUsed: entry({
    kind: 'exists',
    message: (d: { name: string }) => `network name ${d.name} already used: network already exists`,
    remedy:
      'choose another name, or remove the network that has it; GET /podnetd/v1/problems has the files that keep a name and cannot be shown',
    root: 'network already exists',
  }),
  /** The same for a client that may not know who has the name. */
  nameUnavailable: entry({
    kind: 'exists',
    message: (d: { name: string }) => `network name ${d.name} is not available on this host`,
    remedy: 'choose another name',
  }),
  idGiven: entry({
    kind: 'invalid',
    message: (d: { id: string }) => `ID can not be set for network create: invalid argument: got "${d.id}"`,
    remedy: 'leave id out: it follows from the name',
    root: 'invalid argument',
  }),
  networkNotFound: entry({
    kind: 'notFound',
    message: (d: { nameOrId: string }) => `unable to find network with name or ID ${d.nameOrId}: network not found`,
    remedy: lookup,
    root: 'network not found',
  }),
  networkAmbiguous: entry({
    kind: 'ambiguous',
    message: (d: { nameOrId: string }) => `more than one result for network ID ${d.nameOrId}`,
    remedy: longerId,
  }),
  /** Podman words the same failures otherwise when it inspects. */
  networkUnknown: entry({
    kind: 'notFound',
    message: (_details: { nameOrId: string }) => 'network not found',
    remedy: lookup,
  }),
  inspectAmbiguous: entry({
    kind: 'ambiguous',
    message: (d: { nameOrId: string }) =>
      `inspecting network ${d.nameOrId}: more than one result for network ID ${d.nameOrId}`,
    remedy: longerId,
    root: (d) => `more than one result for network ID ${d.nameOrId}`,
  }),
  networkInUse: entry({
    kind: 'inUse',
    message: (d: { name: string; users: readonly string[]; force: boolean }) => {
      const users = d.users.join(', ');
      const ask = d.force
        ? `podnetd runs no containers and cannot force them off: ${users}`
        : `Disconnect or remove them first: ${users}`;
      return `"${d.name}" has associated containers with it. ${ask}: network is being used`;
    },
    remedy: (d) =>
      `POST /podnetd/v1/networks/${d.name}/disconnect takes a container off, POST /podnetd/v1/networks/${d.name}/gc frees what containers that are gone have left`,
    root: 'network is being used',
  }),
  networkForeign: entry({
    kind: 'forbidden',
    message: (d: { name: string; path: string }) =>
      `network ${d.name} cannot be removed: neither podnetd nor Podman wrote ${d.path}; remove it with the program that did`,
  }),
  defaultNetworkRemoval: entry({
    kind: 'forbidden',
    message: (d: { name: string }) => `default network ${d.name} cannot be removed`,
    remedy: 'set another default_network in the table [network] of containers.conf and restart podnetd first',
  }),
};
