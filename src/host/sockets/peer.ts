import type { Socket } from 'node:net';
import { loadedForeignFunctions } from '../own-process/addons.js';
import type { Peer } from '../../model/audited-request.js';

/** SOL_SOCKET, SO_PEERCRED; source: linux include/uapi/asm-generic/socket.h. Only processors without a build of Node have other numbers. */
const solSocket = 1;
const soPeerCred = 17;
/** `struct ucred`: pid, uid and gid, of 32 bits each. source: linux include/linux/socket.h */
const credentials = new Uint32Array(3);
const length = new Uint32Array(1);
/** The uid of a socket without such a peer. source: linux net/core/sock.c cred_to_ucred */
const noUser = 0xffff_ffff;

type GetOption = (fd: number, level: number, name: number, value: Uint32Array, length: Uint32Array) => number;

let getOption: GetOption | undefined;

/**
 * The process that connected, as the kernel recorded it at that moment.
 *
 * @returns undefined for a closed socket or one of another family, and until the addon for foreign functions is loaded, because no connection
 * should wait for that
 */
export function readPeer(socket: Socket): Peer | undefined {
  const koffi = loadedForeignFunctions();
  // Node has no public way to a socket's descriptor.
  const handle = Reflect.get(socket, '_handle') as { readonly fd?: number } | null;
  const fd = handle?.fd ?? -1;
  if (koffi === undefined || fd < 0) return undefined;
  getOption ??= koffi.load(null).func('int getsockopt(int, int, int, void *, void *)') as GetOption;
  length[0] = credentials.byteLength;
  if (getOption(fd, solSocket, soPeerCred, credentials, length) !== 0) return undefined;
  const [pid = 0, uid = noUser, gid = noUser] = credentials;
  return uid === noUser ? undefined : { uid, gid, pid };
}
