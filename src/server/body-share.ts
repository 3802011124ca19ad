import type { Limits } from '../api/limits.js';
import type { Budget, Share, User } from './budget.js';
import { NetworkError } from '../model/errors/errors.js';

/** About what a piece of a body takes besides its bytes until the body is whole. */
const pieceBytes = 256;

/** The memory of one body: of what has come of it, for what is announced may never come. */
export class BodyShare {
  readonly #share: Share | undefined;
  #bytes = 0;
  #pieces = 0;
  #isOver = false;

  /** @param cut is called when others get its memory */
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
    // What comes from now on is read to be forgotten.
    this.release();
    if (isInPieces) return new NetworkError('bodyInPieces', { limit: bodyPieces });
    return this.#bytes > bodyBytes ? undefined : this.#refusal();
  }

  /** From now on it is worked on. @returns why it is refused */
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
