import type { ConnectOptions } from '../../src/network/attachments/check-connect.js';

/** A connect that asks for nothing but the network. */
export const connectAnyhow: ConnectOptions = {
  staticAddresses: [],
  macAddress: undefined,
  aliases: [],
  interfaceName: undefined,
  portMappings: [],
};
