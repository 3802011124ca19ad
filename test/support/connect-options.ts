import type { ConnectOptions } from '../../src/network/attachments/check-connect.js';

/** Options of a connect that names only the network. */
export const connectAnyhow: ConnectOptions = {
  staticAddresses: [],
  macAddress: undefined,
  aliases: [],
  interfaceName: undefined,
  portMappings: [],
};
