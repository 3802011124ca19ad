import type { Socket } from 'node:net';
import type { StreamBounds } from '../api/events/route.js';
import type { Limits } from '../api/limits.js';
import { Budget } from './budget.js';
import { NetworkError } from '../model/errors/errors.js';
import { userOf } from './socket-user.js';

/** Bounds the number of event streams. The bytes that their clients have not read count as memory of answers, and streams lose theirs first. */
export class StreamBudget implements StreamBounds {
  readonly answerTimeoutMs: number;
  readonly #streams: Budget;

  constructor(
    { allStreams, answerTimeoutMs }: Limits,
    private readonly answers: Budget,
  ) {
    this.answerTimeoutMs = answerTimeoutMs;
    this.#streams = new Budget(allStreams);
  }

  open(socket: Socket): () => void {
    const user = userOf(socket);
    const share = this.#streams.takeFixed(user, 1);
    if (share !== undefined) return () => share.release();
    const { limit } = this.#streams;
    throw new NetworkError('streamsPending', { user, used: this.#streams.usedBy(user), limit });
  }

  hold(socket: Socket, bytes: number, cut: () => void): (() => void) | undefined {
    const share = this.answers.take({ user: userOf(socket), amount: bytes, hold: 'spare', revoke: cut });
    return share && (() => share.release());
  }
}
