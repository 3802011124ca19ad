import { shortenDetails } from '../shorten.js';
import { entries, type ErrorCode, type ErrorDetails } from './catalogue.js';
import type { Entry, ErrorKind } from './entry.js';

/** A refusal or failure of podnetd itself; anything else that is thrown is a bug. */
export class NetworkError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'NetworkError';
  readonly kind: ErrorKind;
  /** The innermost cause in Podman's words; `podman network rm` reads its exit code from it. */
  readonly root: string;
  /** For an operator or client; undefined where there is none, and where the message ends with it. */
  readonly remedy: string | undefined;

  /** With the beginnings of what is longer than a message may show. */
  readonly details: ErrorDetails[C];

  constructor(
    readonly code: C,
    given: ErrorDetails[C],
    options?: { cause?: unknown },
  ) {
    const entry: Entry<ErrorDetails[C]> = entries[code];
    const details = shortenDetails(given);
    super(entry.message(details), options);
    this.details = details;
    this.kind = entry.kind;
    this.root = typeof entry.root === 'function' ? entry.root(details) : (entry.root ?? this.message);
    this.remedy = typeof entry.remedy === 'function' ? entry.remedy(details) : entry.remedy;
  }
}
