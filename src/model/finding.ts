/** `error`: containers lose something now, or cannot be connected. `warning`: something is left over, or will fail. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** One thing that is wrong with the networks of this host. */
export interface Finding {
  /** Stable; podnetd-doctor(7) lists all. */
  readonly code: string;
  readonly severity: Severity;
  /** A sentence without a full stop, the same for each finding of the code. */
  readonly title: string;
  /** A sentence without a full stop, with the names and values that podnetd saw. */
  readonly seen: string;
  /** Sentences: what follows from it. */
  readonly why: string;
  /** A command, or a sentence that has one. */
  readonly remedy: string;
  /** Whether `podnetd doctor --fix` does it. */
  readonly isFixable: boolean;
  /** The code of another finding that this one follows from; undefined where none does. */
  readonly causedBy: string | undefined;
}
