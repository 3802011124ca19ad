import type { ServerResponse } from 'node:http';
import type { NetworkEvent } from '../../model/event.js';
import type { EventFeed } from '../../network/dependencies/events.js';
import type { EventRounds } from './rounds.js';

/** Written at once: as much as Node takes before it asks to wait. */
const pieceBytes = 16 * 1024;
/** Looked at for one piece, so that a filter that wants none of them takes no longer. */
const pieceEvents = 64;

export interface EventStreamOptions {
  readonly feed: Pick<EventFeed, 'begin' | 'end' | 'at'>;
  /** The place of its first event. */
  readonly place: number;
  readonly rounds: EventRounds;
  /** How long a client may take nothing. */
  readonly answerTimeoutMs: number;
  /** @returns the line of an event, undefined for one that is not wanted */
  print(event: NetworkEvent): string | undefined;
  /** Asks for the memory of what the client has not taken. @returns how to give it back; undefined when there is none */
  hold(bytes: number, cut: () => void): (() => void) | undefined;
  /** Is called when the stream is cut, with the reason. */
  onCut(reason: 'it misses events' | 'memory is short'): void;
  onFailure(error: unknown): void;
}

const streaming = new WeakSet<ServerResponse>();

/** Whether an answer is a stream of events, which its client can ask for again. */
export function isEventStream(response: ServerResponse): boolean {
  return streaming.has(response);
}

/**
 * The events of one client, read from the log as the client takes them: whatever it does not read stays there, once for all, and who is so
 * slow that the log forgets what it has not had misses events, and is shown so by the end of the stream.
 */
export class EventStream {
  #place: number;
  #endPlace = Infinity;
  /** Gives back the memory of what the client has not taken. */
  #giveBack: (() => void) | undefined;
  readonly #writer = () => this.#write();

  constructor(
    private readonly response: ServerResponse,
    private readonly options: EventStreamOptions,
  ) {
    this.#place = options.place;
    streaming.add(response);
    response.on('drain', () => {
      this.#restOnDrain();
      this.wake();
    });
    response.once('close', () => this.#giveBack?.());
  }

  /** Something is to be written: there are events, or there will be no more. */
  wake(): void {
    if (this.#place < Math.min(this.options.feed.begin, this.#endPlace)) this.#cut('it misses events');
    else if (!this.response.writableNeedDrain) this.options.rounds.add(this.#writer);
  }

  /** What has this place or a later one is not sent any more; what happens from now on, unless given. */
  end(place = this.options.feed.end): void {
    this.#endPlace = Math.min(this.#endPlace, place);
    this.wake();
  }

  /** @returns whether there is more that the client would take */
  #write(): boolean {
    const { response } = this;
    if (response.destroyed || response.writableEnded || response.writableNeedDrain) return false;
    try {
      const text = this.#read();
      if (text !== '') response.write(text);
    } catch (error) {
      this.options.onFailure(error);
      response.destroy();
      return false;
    }
    if (response.writableNeedDrain) {
      this.#waitForClient();
      return false;
    }
    if (this.#place < this.#endPlace) return this.#place < this.options.feed.end;
    response.end();
    return false;
  }

  #read(): string {
    const { options } = this;
    const { feed } = options;
    const end = Math.min(this.#place + pieceEvents, feed.end, this.#endPlace);
    let text = '';
    while (this.#place < end && text.length < pieceBytes) {
      const event = feed.at(this.#place);
      this.#place += 1;
      if (event !== undefined) text += options.print(event) ?? '';
    }
    return text;
  }

  #waitForClient(): void {
    const { response, options } = this;
    response.socket?.setTimeout(options.answerTimeoutMs);
    const cut = () => this.#cut('memory is short');
    this.#giveBack = options.hold(response.writableLength, cut);
    if (this.#giveBack === undefined) cut();
  }

  #restOnDrain(): void {
    this.response.socket?.setTimeout(0);
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  #cut(reason: Parameters<EventStreamOptions['onCut']>[0]): void {
    if (this.response.destroyed) return;
    this.options.onCut(reason);
    this.response.destroy();
  }
}
