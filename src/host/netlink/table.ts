import { checkRefusal, formatRequest, isEnd, messagesIn } from './message.js';
import type { NetlinkSocket } from './socket.js';

/** NLM_F_ROOT | NLM_F_MATCH, NLM_F_DUMP_INTR; source: linux include/uapi/linux/netlink.h. */
const flagDump = 0x300;
const flagInterrupted = 0x10;

/** Most dumps for one read: a dump during which the table changes may lack entries, and is repeated. */
const maxTries = 20;

interface Dump {
  readonly bytes: Buffer;
  readonly isInterrupted: boolean;
}

/** The part of a socket that a dump needs; tests play the kernel behind it. */
export type TableSource = Pick<NetlinkSocket, 'ask' | 'fetch'>;

/** A table of the kernel, or the entries that pass a filter, dumped as a whole and kept until it expires. */
export class KernelTable {
  readonly #request: Buffer;
  #last: Buffer | undefined;
  /** Whether the last dump must not be used any more. */
  #isStale = true;

  /** @param type of the request, such as RTM_GETLINK @param body its struct and attributes */
  constructor(type: number, body: Uint8Array) {
    this.#request = formatRequest(type, flagDump, body);
  }

  /** Marks the last dump as out of date, after a change of the table. */
  expire(): void {
    this.#isStale = true;
  }

  /**
   * The messages of the table without the one that ends the dump: the same buffer as before when no byte differs.
   *
   * @param socket on which no other answer is under way
   * @throws Error of the kernel, also when it did not list the whole table
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

  /** The last dump; undefined when the table may have changed since. */
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
