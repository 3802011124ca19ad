/** Chooses the status of an answer. */
export type ErrorKind =
  | 'invalid'
  | 'notFound'
  | 'ambiguous'
  | 'exists'
  | 'inUse'
  | 'outdated'
  | 'exhausted'
  | 'forbidden'
  | 'unsupported'
  | 'storage'
  | 'busy'
  | 'plugin';

export type NoDetails = Readonly<Record<string, never>>;

/** One code of the catalogue. Its details are the caller's own text wherever there is one. */
export interface Entry<D extends object> {
  readonly kind: ErrorKind;
  /** Holds the value and the rule. */
  readonly message: (details: D) => string;
  /** The message's next sentence: a command, flag or field that an operator or client can use. Absent where the message itself ends with it. */
  readonly remedy?: string | ((details: D) => string | undefined);
  /** The innermost cause as Podman reports it, when it is not the whole message. */
  readonly root?: string | ((details: D) => string);
}

/** The same entry; its details are those that its message asks for. */
export function entry<D extends object = NoDetails>(given: Entry<D>): Entry<D> {
  return given;
}
