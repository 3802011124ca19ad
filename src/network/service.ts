import { checkRequest } from './check.js';
import { planNetwork } from './create.js';
import type { NetworkReader, NetworkSettings, NetworkWriter, PluginFinder, StoredNetwork } from './ports.js';
import type { NetworkRequest } from '../model/request.js';

export interface CreatedNetwork extends StoredNetwork {
  readonly warnings: readonly string[];
}

/** What the API may ask of networks, in terms of no dialect. */
export interface NetworkService {
  /** @throws NetworkError any kind but notFound, ambiguous, inUse, plugin */
  create(request: NetworkRequest): Promise<CreatedNetwork>;
  /** @param nameOrId a name, an id, or the unique beginning of an id @throws NetworkError notFound, ambiguous, storage */
  inspect(nameOrId: string): Promise<StoredNetwork>;
  /** Name of the network that containers join when none is asked for. */
  readonly defaultNetwork: string;
}

export function buildNetworkService(
  reader: NetworkReader,
  writer: NetworkWriter,
  plugins: PluginFinder,
  settings: NetworkSettings,
): NetworkService {
  return {
    defaultNetwork: settings.defaultNetwork,

    async create(request) {
      const checked = checkRequest(request);
      const dnsInstalled = checked.dnsEnabled && plugins.has('dnsname');
      return await writer.run((draft) => {
        const { network, warnings } = planNetwork(checked, draft, settings, dnsInstalled);
        const read = draft.add(network);
        return () => ({ ...read(), warnings });
      });
    },

    async inspect(nameOrId) {
      return await reader.find(nameOrId);
    },
  };
}
