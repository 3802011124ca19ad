import { getSystemErrorName } from 'node:util';
import type { RawNetlinkSocket } from 'netlink';
import { netlink } from './addons.js';
import { formatDump, int32Of, messagesIn } from './netlink-message.js';

/** NETLINK_ROUTE, NLMSG_ERROR, NLMSG_DONE, NLM_F_DUMP_INTR; source: linux include/uapi/linux/netlink.h. */
const protocol = 0;
const typeError = 2;
const typeDone = 3;
const flagInterrupted = 0x10;

/** The kernel makes no larger piece of a dump; source: linux net/netlink/af_netlink.c netlink_dump. */
const pieceBytes = 32 * 1024;
const socketBytes = 8 * pieceBytes;

/** A table may change while it is told, again and again; what was told last then has to do. */
const maxTries = 5;

interface Dump {
  readonly bytes: Buffer;
  readonly isInterrupted: boolean;
}

/** A table of the kernel, told as a whole through a socket of its own: the kernel runs one dump a socket at a time. */
export class KernelTable {
  readonly #request: Buffer;
  #socket: RawNetlinkSocket | undefined;
  #last: Buffer | undefined;

  /** @param type of the request, such as RTM_GETLINK @param body its struct and attributes */
  constructor(type: number, body: Uint8Array) {
    this.#request = formatDump(type, body);
  }

  /**
   * The messages of the table as they stand, less the one that ends them: the same object as before when nothing is different.
   * One call at a time.
   *
   * @throws Error of the kernel or of the addon
   */
  async read(): Promise<Buffer> {
    for (let tries = 1; ; tries += 1) {
      const { bytes, isInterrupted } = await this.#dump();
      if (isInterrupted && tries < maxTries) continue;
      if (this.#last?.equals(bytes) !== true) this.#last = bytes;
      return this.#last;
    }
  }

  async #dump(): Promise<Dump> {
    const socket = (this.#socket ??= open());
    socket.ref();
    try {
      return await ask(socket, this.#request);
    } catch (error) {
      // What is still to come must not be taken for the next answer. The addon may be inside a callback that needs the socket.
      this.#socket = undefined;
      setImmediate(() => socket.close());
      throw error;
    } finally {
      socket.removeAllListeners();
      socket.unref();
    }
  }
}

async function ask(socket: RawNetlinkSocket, request: Buffer): Promise<Dump> {
  const pieces: Buffer[] = [];
  let isInterrupted = false;
  return await new Promise((resolve, reject) => {
    socket.on('message', (piece) => {
      let end = 0;
      for (const { type, flags, body } of messagesIn(piece)) {
        if ((flags & flagInterrupted) !== 0) isInterrupted = true;
        if (type === typeError) reject(new Error(`the kernel refused: ${getSystemErrorName(int32Of(body))}`));
        if (type === typeDone) {
          pieces.push(piece.subarray(0, end));
          resolve({ bytes: Buffer.concat(pieces), isInterrupted });
          return;
        }
        end = body.byteOffset - piece.byteOffset + body.length;
      }
      pieces.push(piece);
    });
    socket.on('truncatedMessage', () => reject(new Error('a message of the kernel was too long')));
    socket.on('error', reject);
    socket.send(request, undefined, (error) => error && reject(error));
  });
}

function open(): RawNetlinkSocket {
  return new (netlink().RawNetlinkSocket)(protocol, {
    messagePeeking: false,
    msgBufferSize: pieceBytes,
    recvBufferSize: socketBytes,
    sendBufferSize: pieceBytes,
  });
}
