import { acceptAll } from '../../model/filters/filters.js';
import type { Network } from '../../model/network.js';
import { rememberEach } from '../../model/remember-each.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { NetworkLooks } from '../../network/network-looks.js';

/** Docker clients know the default network by this name; source: podman pkg/api/handlers/compat/networks.go@v4.3.1. */
export const dockerDefaultName = 'bridge';

/**
 * The network that a Docker client calls `bridge`: one of that name if another program made it (nerdctl does), else the default one. DIVERGES: Podman shows both by
 * that name, and finds the default one.
 *
 * @throws NetworkError storage
 */
export async function readNetworkName(given: string, networks: NetworkLooks): Promise<string> {
  if (given !== dockerDefaultName || (await isNameTaken(networks))) return given;
  const { defaultNetwork } = networks;
  // Where it is not there, or not seen, an error names it as the client does.
  return hasDefault(await networks.list(acceptAll), defaultNetwork) ? defaultNetwork : given;
}

/** Whether a network is called `bridge` itself, so that the default one goes by its own name. @throws NetworkError storage */
export async function isNameTaken(networks: NetworkLooks): Promise<boolean> {
  return hasDockersName(await networks.list(acceptAll));
}

/** The list is the same array while nothing changes. */
const hasDockersName = rememberEach((networks: readonly StoredNetwork[]) =>
  networks.some(({ network }) => network.name === dockerDefaultName),
);

function hasDefault(networks: readonly StoredNetwork[], defaultNetwork: string): boolean {
  return networks.some(({ network }) => network.name === defaultNetwork);
}

/** What a list calls a network. */
export function dockerNameOf({ name }: Network, defaultNetwork: string, nameTaken: boolean): string {
  return name === defaultNetwork && !nameTaken ? dockerDefaultName : name;
}
