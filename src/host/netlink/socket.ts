import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorMap, promisify } from 'node:util';
import { foreignFunctions } from '../own-process/addons.js';
import { formatSocketAddress, longEntry } from './message.js';

/** source: linux include/linux/socket.h, include/uapi/linux/netlink.h, include/uapi/asm-generic/socket.h; musl and glibc alike */
const familyNetlink = 16;
const typeRaw = 3;
const isNonBlocking = 0o4000;
const closesOnExec = 0o2000000;
const protocolRoute = 0;
/** MSG_TRUNC: recv returns the length of the whole message, even if the buffer is shorter. */
const flagFullLength = 0x20;

/** Most bytes of one piece of an answer; source: linux net/netlink/af_netlink.c netlink_dump. */
const pieceBytes = 32 * 1024;

type Transfer<R> = (fd: number, bytes: Uint8Array, length: number, flags: number) => R;

type Threaded = (
  fd: number,
  bytes: Uint8Array,
  length: number,
  flags: number,
  done: (error: Error | null, result: number) => void,
) => void;

interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  readonly recv: Transfer<number>;
  readonly sendInThread: Transfer<Promise<number>>;
  readonly recvInThread: Transfer<Promise<number>>;
  errno(): number;
}

/**
 * A socket to the kernel's rtnetlink. `ask` and `fetch` run in a thread, because the kernel answers within these calls and may wait for its lock
 * of all links: seconds, while it tears down a namespace with a thousand bridges. `take` never waits, because the kernel queues a notification
 * before the call that made the change returns.
 */
export class NetlinkSocket {
  readonly #libc = load();
  readonly #fd: number;
  readonly #piece = Buffer.alloc(pieceBytes);

  /** @param groups a bit for each kind of notification, such as RTMGRP_LINK @throws Error of the kernel */
  constructor(groups: number) {
    this.#fd = this.#check(
      'socket',
      this.#libc.socket(familyNetlink, typeRaw | isNonBlocking | closesOnExec, protocolRoute),
    );
    const address = formatSocketAddress(familyNetlink, groups);
    try {
      this.#check('bind', this.#libc.bind(this.#fd, address, address.length));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Sends a request. @throws Error when the kernel does not take it */
  async ask(request: Uint8Array): Promise<void> {
    const length = await this.#libc.sendInThread(this.#fd, request, request.length, 0);
    if (length !== request.length) throw new Error(`the kernel took ${length} of ${request.length} bytes of a request`);
  }

  /** The next piece of the answer, valid until the next call. @throws Error when the kernel sends none, or not the whole of it */
  async fetch(): Promise<Buffer> {
    const length = await this.#libc.recvInThread(this.#fd, this.#piece, pieceBytes, flagFullLength);
    if (length < 0) throw new Error('the kernel did not answer');
    if (length === 0) throw new Error(`the kernel sent an empty answer: ${longEntry}`);
    if (length > pieceBytes)
      throw new Error(`the kernel sent an answer of ${length} bytes, more than the ${pieceBytes} of its largest piece`);
    return this.#piece.subarray(0, length);
  }

  /**
   * The next notification, as much of it as the buffer holds.
   *
   * @returns undefined when none is queued
   * @throws Error of the kernel, with the code ENOBUFS when its queue was too short for all notifications
   */
  take(buffer: Buffer): Buffer | undefined {
    const length = this.#libc.recv(this.#fd, buffer, buffer.length, flagFullLength);
    if (length >= 0) return buffer.subarray(0, length);
    if (this.#libc.errno() === constants.errno.EAGAIN) return undefined;
    throw this.#lastError('recv');
  }

  close(): void {
    closeSync(this.#fd);
  }

  #check(call: string, result: number): number {
    if (result < 0) throw this.#lastError(call);
    return result;
  }

  #lastError(call: string): Error & { code: string } {
    const errno = -this.#libc.errno();
    const [code, words] = getSystemErrorMap().get(errno) ?? [`errno ${errno}`, 'unknown'];
    return Object.assign(new Error(`${code}: ${words}, ${call}`), { code });
  }
}

let libc: Libc | undefined;

function load(): Libc {
  if (libc !== undefined) return libc;
  const koffi = foreignFunctions();
  const itself = koffi.load(null);
  const send = itself.func('intptr_t send(int, const void *, uintptr_t, int)');
  const recv = itself.func('intptr_t recv(int, _Out_ void *, uintptr_t, int)');
  libc = {
    socket: itself.func('int socket(int, int, int)'),
    bind: itself.func('int bind(int, const void *, uint32_t)'),
    recv,
    sendInThread: promisify(send.async as Threaded),
    recvInThread: promisify(recv.async as Threaded),
    errno: () => koffi.errno(),
  };
  return libc;
}
