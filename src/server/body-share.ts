import type { Limits } from '../api/limits.js';
import type { Budget, Share, User } from './budget.js';
import { NetworkError } from '../model/errors/errors.js';

/** Bytes that Node holds for each piece of a body, besides the piece itself, until the body is whole; an estimate. */
const pieceBytes = 256;

/** The memory of one body, counted by the bytes that have come: announced bytes may never come. */
export class BodyShare {
  readonly #share: Share | undefined;
  #bytes = 0;
  #pieces = 0;
  #isOver = false;

  /** @param cut called when other users get its memory */
  constructor(
    private readonly bodies: Budget,
    private readonly user: User,
    private readonly limits: Pick<Limits, 'bodyBytes' | 'bodyPieces'>,
    cut: () => void,
  ) {
    this.#share = bodies.take({ user, amount: 0, hold: 'loose', revoke: cut });
  }

  /** @returns why it is refused */
  add(bytes: number): NetworkError | undefined {
    if (this.#isOver) return undefined;
    this.#bytes += bytes;
    this.#pieces += 1;
    const { bodyBytes, bodyPieces } = this.limits;
    const isInPieces = this.#pieces > bodyPieces;
    if (!isInPieces && this.#bytes <= bodyBytes && this.#resize(this.#bytes + this.#pieces * pieceBytes))
      return undefined;
    // Node reads the rest of the body and drops it.
    this.release();
    if (isInPieces) return new NetworkError('bodyInPieces', { limit: bodyPieces });
    return this.#bytes > bodyBytes ? undefined : this.#refusal();
  }

  /** Keeps its memory until the answer, for the work on it begins. @returns why it is refused */
  keep(): NetworkError | undefined {
    if (this.#resize(this.#bytes) && this.#share?.fix() === true) return undefined;
    return this.#refusal();
  }

  release(): void {
    this.#isOver = true;
    this.#share?.release();
  }

  #resize(bytes: number): boolean {
    return this.#share?.resize(bytes) === true;
  }

  #refusal(): NetworkError {
    const { user, bodies } = this;
    return new NetworkError('bodiesPending', {
      user,
      usedBytes: bodies.usedBy(user),
      limitBytes: bodies.limit,
    });
  }
}
