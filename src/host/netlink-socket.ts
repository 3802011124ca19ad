import { closeSync } from 'node:fs';
import { constants, endianness } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { foreignFunctions } from './addons.js';

/** source: linux include/linux/socket.h, include/uapi/linux/netlink.h, include/uapi/asm-generic/socket.h; musl and glibc alike */
const familyNetlink = 16;
const typeRaw = 3;
const isNonBlocking = 0o4000;
const closesOnExec = 0o2000000;
const protocolRoute = 0;
const tellTruncation = 0x20;

/** struct sockaddr_nl: family, padding, port, groups. */
const addressBytes = 12;

interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  recv(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  errno(): number;
}

/**
 * A socket to the kernel's rtnetlink. Its calls return at once: the kernel answers within the call that asks, and has queued the news of a
 * change before the call that made the change returns.
 */
export class NetlinkSocket {
  readonly #libc = load();
  readonly #fd: number;

  /** @param groups a bit for each kind of change to be told of, such as RTMGRP_LINK @throws Error of the kernel */
  constructor(groups: number) {
    this.#fd = this.#check(
      'socket',
      this.#libc.socket(familyNetlink, typeRaw | isNonBlocking | closesOnExec, protocolRoute),
    );
    const address = Buffer.alloc(addressBytes);
    const view = new DataView(address.buffer, address.byteOffset, addressBytes);
    const isLittleEndian = endianness() === 'LE';
    view.setUint16(0, familyNetlink, isLittleEndian);
    view.setUint32(8, groups, isLittleEndian);
    try {
      this.#check('bind', this.#libc.bind(this.#fd, address, addressBytes));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @throws Error of the kernel */
  send(message: Uint8Array): void {
    this.#check('send', this.#libc.send(this.#fd, message, message.length, 0));
  }

  /**
   * The message that is next, as much of it as the buffer holds, and in the buffer until the next call.
   *
   * @returns undefined when there is none
   * @throws Error of the kernel, with the code ENOBUFS when it had more to tell than it keeps
   */
  take(buffer: Buffer): Buffer | undefined {
    const length = this.#receive(buffer);
    return length === undefined ? undefined : buffer.subarray(0, length);
  }

  /** As {@link take}, of a message that is there, and whole. @throws Error of the kernel, and when it is not */
  receive(buffer: Buffer): Buffer {
    const length = this.#receive(buffer) ?? 0;
    if (length === 0) throw new Error('the kernel did not answer');
    if (length > buffer.length) throw new Error('an answer of the kernel was too long');
    return buffer.subarray(0, length);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** @returns its whole length */
  #receive(buffer: Buffer): number | undefined {
    const length = this.#libc.recv(this.#fd, buffer, buffer.length, tellTruncation);
    if (length >= 0) return length;
    if (this.#libc.errno() === constants.errno.EAGAIN) return undefined;
    throw this.#lastError('recv');
  }

  #check(call: string, result: number): number {
    if (result < 0) throw this.#lastError(call);
    return result;
  }

  #lastError(call: string): Error & { code: string } {
    const code = getSystemErrorName(-this.#libc.errno());
    return Object.assign(new Error(`${code}: ${call}`), { code });
  }
}

let libc: Libc | undefined;

function load(): Libc {
  if (libc !== undefined) return libc;
  const koffi = foreignFunctions();
  const itself = koffi.load(null);
  libc = {
    socket: itself.func('int socket(int, int, int)'),
    bind: itself.func('int bind(int, const void *, uint32_t)'),
    send: itself.func('intptr_t send(int, const void *, uintptr_t, int)'),
    recv: itself.func('intptr_t recv(int, _Out_ void *, uintptr_t, int)'),
    errno: () => koffi.errno(),
  };
  return libc;
}
