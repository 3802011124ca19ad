import { checkRefusal, formatRequest, isEnd, messagesIn } from './message.js';
import type { NetlinkSocket } from './socket.js';

/** NLM_F_ROOT | NLM_F_MATCH, NLM_F_DUMP_INTR; source: linux include/uapi/linux/netlink.h. */
const flagDump = 0x300;
const flagInterrupted = 0x10;

/** A table may change while the kernel lists it, and then lacks entries. */
const maxTries = 20;

interface Dump {
  readonly bytes: Buffer;
  readonly isInterrupted: boolean;
}

/** What the kernel is asked by; tests play it. */
export type TableSource = Pick<NetlinkSocket, 'ask' | 'fetch'>;

/** A table of the kernel, or what a filter leaves of it, told as a whole. */
export class KernelTable {
  readonly #request: Buffer;
  #last: Buffer | undefined;
  /** Whether it has to be asked for before it is used again. */
  #isStale = true;

  /** @param type of the request, such as RTM_GETLINK @param body its struct and attributes */
  constructor(type: number, body: Uint8Array) {
    this.#request = formatRequest(type, flagDump, body);
  }

  /** Something of it may have changed. */
  expire(): void {
    this.#isStale = true;
  }

  /**
   * The messages of the table as they stand, less the one that ends them: the same object as before when nothing is different.
   *
   * @param socket that has no other answer on the way
   * @throws Error of the kernel, also of a table that it did not list as a whole
   */
  async read(socket: TableSource): Promise<Buffer> {
    if (this.known !== undefined) return this.known;
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const { bytes, isInterrupted } = await dump(socket, this.#request);
      if (isInterrupted) continue;
      if (this.#last?.equals(bytes) !== true) this.#last = bytes;
      this.#isStale = false;
      return this.#last;
    }
    throw new Error(`the kernel's table changed each of ${maxTries} times while it was listed: try again`);
  }

  /** What was read last, unless something of it may have changed since. */
  get known(): Buffer | undefined {
    return this.#isStale ? undefined : this.#last;
  }
}

async function dump(socket: TableSource, request: Buffer): Promise<Dump> {
  const pieces: Buffer[] = [];
  let isInterrupted = false;
  await socket.ask(request);
  for (;;) {
    const bytes = await socket.fetch();
    let end = 0;
    for (const message of messagesIn(bytes)) {
      checkRefusal(message);
      const { flags, body } = message;
      if ((flags & flagInterrupted) !== 0) isInterrupted = true;
      if (isEnd(message)) {
        pieces.push(Buffer.from(bytes.subarray(0, end)));
        return { bytes: Buffer.concat(pieces), isInterrupted };
      }
      end = body.byteOffset - bytes.byteOffset + body.length;
    }
    pieces.push(Buffer.from(bytes));
  }
}
