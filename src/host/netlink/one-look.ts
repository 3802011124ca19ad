import { linkTable, readLinks, readMasters, type KernelLink } from './links.js';
import { addressTable, readAddresses, readRoutes, routeTable, type KernelPrefix } from './prefixes.js';
import { storageError } from '../native-error.js';
import { NetlinkSocket } from './socket.js';

/** The kernel's tables, as far as a look that does not come again needs them. */
export interface KernelLook {
  readonly links: readonly KernelLink[];
  /** See {@link readMasters}. */
  readonly masters: ReadonlyMap<number, number>;
  readonly addresses: readonly KernelPrefix[];
  readonly routes: readonly KernelPrefix[];
}

/** Dumps the tables of this network namespace once. @throws NetworkError storage */
export async function lookOnce(): Promise<KernelLook> {
  let socket: NetlinkSocket | undefined;
  try {
    socket = new NetlinkSocket(0);
    const links = await linkTable().read(socket);
    return {
      links: readLinks(links),
      masters: readMasters(links),
      addresses: readAddresses(await addressTable().read(socket)),
      routes: readRoutes(await routeTable().read(socket)),
    };
  } catch (error) {
    throw storageError('read', 'rtnetlink', error);
  } finally {
    socket?.close();
  }
}
