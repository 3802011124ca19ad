import type { SocketName } from '../host/sockets/socket-name.js';
import type { WarningLog } from '../host/sockets/systemd.js';

/** A socket that clients have to find. */
export interface KeptSocket {
  readonly name: SocketName;
  /** Makes a new one under the same path. Undefined for one that a service manager made. @throws ListenError */
  readonly makeAnew: (() => Promise<KeptSocket>) | undefined;
}

/** Milliseconds until podnetd tries again to make a socket: the process that has its name may die without an event. */
const retryMs = { first: 1_000, longest: 60_000 };

/** Notices that clients do not find a socket any more, logs it, and makes a new one unless a service manager made it. */
export class SocketKeeper {
  #kept: KeptSocket;
  /** Lines of the present loss, each logged once. */
  readonly #said = new Set<string>();
  #isAtWork = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = retryMs.first;

  constructor(
    kept: KeptSocket,
    private readonly log: WarningLog,
  ) {
    this.#kept = kept;
    kept.name.watch(() => this.look());
  }

  /** Why clients do not find the socket, with the remedy; undefined when they do. */
  get problem(): string | undefined {
    const { name, makeAnew } = this.#kept;
    const { loss } = name;
    if (loss === undefined) return undefined;
    this.look();
    const remedy =
      makeAnew === undefined
        ? 'restart the unit that made it, such as podnetd.socket'
        : 'podnetd makes a new one as soon as nothing else has the name';
    return `${name.path}: ${loss}; ${remedy}`;
  }

  look(): void {
    const { loss } = this.#kept.name;
    if (this.#isClosed || this.#isAtWork) return;
    if (loss === undefined) {
      this.#said.clear();
      return;
    }
    this.#say(`clients do not find the socket: ${loss}`);
    if (this.#kept.makeAnew !== undefined) void this.#makeAnew(this.#kept.makeAnew);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#kept.name.unwatch();
  }

  async #makeAnew(makeAnew: () => Promise<KeptSocket>): Promise<void> {
    this.#isAtWork = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    try {
      const made = await makeAnew();
      this.#kept.name.unwatch();
      this.#kept = made;
      this.#pauseMs = retryMs.first;
      if (this.#isClosed) return;
      made.name.watch(() => this.look());
      this.#said.clear();
      this.log.warn({ socket: made.name.path }, 'the socket was made anew');
    } catch (error) {
      this.#say(`the socket cannot be made anew: ${error instanceof Error ? error.message : String(error)}`);
      if (this.#isClosed) return;
      this.#retry = setTimeout(() => this.look(), this.#pauseMs).unref();
      this.#pauseMs = Math.min(this.#pauseMs * 2, retryMs.longest);
    } finally {
      this.#isAtWork = false;
    }
    // Events that came while it was being made.
    if (this.#retry === undefined) this.look();
  }

  #say(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.log.warn({ socket: this.#kept.name.path }, message);
  }
}
