import type { Network } from '../../model/network.js';

/** Docker clients know the default network by this name; source: podman pkg/api/handlers/compat/networks.go@v4.3.1. */
export const dockerDefaultName = 'bridge';

/** @param defaultNetwork a Docker client may call it `bridge` */
export function readNetworkName(given: string, defaultNetwork: string): string {
  return given === dockerDefaultName ? defaultNetwork : given;
}

/** What a list calls a network. */
export function dockerNameOf({ name }: Network, defaultNetwork: string): string {
  return name === defaultNetwork ? dockerDefaultName : name;
}

/** What a network is called for one who asked for it: as in a list only if that is how it was asked for. */
export function askedNameOf(network: Network, asked: string, defaultNetwork: string): string {
  return asked === dockerDefaultName ? dockerNameOf(network, defaultNetwork) : network.name;
}
