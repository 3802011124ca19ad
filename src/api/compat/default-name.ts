import { acceptAll } from '../../model/filters/filters.js';
import type { Network } from '../../model/network.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { NetworkLooks } from '../../network/network-service.js';

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
  return networks.defaultNetwork;
}

/** Whether a network is called `bridge` itself, so that the default one goes by its own name. @throws NetworkError storage */
export async function isNameTaken(networks: NetworkLooks): Promise<boolean> {
  return known(await networks.list(acceptAll));
}

const answers = new WeakMap<readonly StoredNetwork[], boolean>();

/** The list is the same array while nothing changes. */
function known(networks: readonly StoredNetwork[]): boolean {
  let taken = answers.get(networks);
  if (taken === undefined) {
    taken = networks.some(({ network }) => network.name === dockerDefaultName);
    answers.set(networks, taken);
  }
  return taken;
}

/** What a list calls a network. */
export function dockerNameOf({ name }: Network, defaultNetwork: string, nameTaken: boolean): string {
  return name === defaultNetwork && !nameTaken ? dockerDefaultName : name;
}
