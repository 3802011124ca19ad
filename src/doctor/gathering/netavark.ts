import path from 'node:path';
import { listNames, readSmallFile } from '../../host/files/user-folder.js';
import type { Facts } from '../facts/facts.js';

/** Folders of a Podman that keeps its networks for netavark. */
export interface PodmanPlaces {
  readonly networks: string;
  /** File with the name of the backend that Podman chose at its first start. */
  readonly backend: string;
}

/**
 * Relative paths in `dataHome` count as unset.
 *
 * source: containers/common libnetwork/network/interface.go@v0.50.1, containers/storage types/options.go@v1.43.0
 *
 * @param dataHome `XDG_DATA_HOME`
 */
export function podmanPlaces(rootless: boolean, home: string, dataHome: string | undefined): PodmanPlaces {
  const ofUser = dataHome !== undefined && path.isAbsolute(dataHome) ? dataHome : path.join(home, '.local/share');
  const storage = rootless ? path.join(ofUser, 'containers/storage') : '/var/lib/containers/storage';
  return {
    networks: rootless ? path.join(storage, 'networks') : '/etc/containers/networks',
    backend: path.join(storage, 'defaultNetworkBackend'),
  };
}

/** The networks of netavark beside CNI's; undefined where there are none, or where Podman's backend is CNI. */
export function findNetavark({ networks, backend }: PodmanPlaces): Facts['netavark'] {
  if (readSmallFile(backend)?.trim() === 'cni') return undefined;
  const names = listNames(networks, '')
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.basename(name, '.json'))
    .toSorted();
  return names.length === 0 ? undefined : { folder: networks, networks: names };
}
