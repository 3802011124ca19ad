import type { Socket } from 'node:net';
import { loadedForeignFunctions } from '../own-process/addons.js';

/** source: linux include/uapi/asm-generic/socket.h; other numbers are those of processors that Node is not built for */
const solSocket = 1;
const soPeerCred = 17;
/** `struct ucred`: pid, uid and gid, of 32 bits each. source: linux include/linux/socket.h */
const credentials = new Uint32Array(3);
const uidAt = 1;
const length = new Uint32Array(1);
/** Of a socket that has no such peer. source: linux net/core/sock.c cred_to_ucred */
const noUser = 0xffff_ffff;

type GetOption = (fd: number, level: number, name: number, value: Uint32Array, length: Uint32Array) => number;

let getOption: GetOption | undefined;

/**
 * The user id of the process that connected. The kernel keeps what was true at that moment, whatever became of the process since.
 *
 * @returns undefined for a closed socket or one of another family, and while the addon for foreign functions is not loaded: no connection
 * waits for that
 */
export function readPeerUser(socket: Socket): number | undefined {
  const koffi = loadedForeignFunctions();
  // Node has no public way to a socket's descriptor.
  const handle = Reflect.get(socket, '_handle') as { readonly fd?: number } | null;
  const fd = handle?.fd ?? -1;
  if (koffi === undefined || fd < 0) return undefined;
  getOption ??= koffi.load(null).func('int getsockopt(int, int, int, void *, void *)') as GetOption;
  length[0] = credentials.byteLength;
  if (getOption(fd, solSocket, soPeerCred, credentials, length) !== 0) return undefined;
  const uid = credentials[uidAt];
  return uid === noUser ? undefined : uid;
}
