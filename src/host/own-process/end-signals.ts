/**
 * Signals that people, shells and managers send and whose default action ends a process, without SIGHUP (see hang-up). podnetd catches all of them, so that none ends it
 * before it removes its socket. SIGUSR1 without a listener would open Node's inspector.
 */
const endingSignals = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;

/** One Ctrl-C may arrive twice, from the terminal and from a parent such as npm that forwards it. */
const sameRequestMs = 500;

/** Requests from outside to end: the first asks for an orderly end, a later one for an end at once. */
export class EndSignals {
  readonly first: Promise<NodeJS.Signals>;
  #resolve: (signal: NodeJS.Signals) => void = () => undefined;
  #firstAt: number | undefined;

  /** @param onRepeated is called for each signal that comes later than half a second after the first */
  constructor(private readonly onRepeated: (signal: NodeJS.Signals) => void) {
    this.first = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const signal of endingSignals) process.on(signal, () => this.take(signal));
  }

  /** A request to end, as by a signal of its own kind. */
  take(signal: NodeJS.Signals): void {
    const now = performance.now();
    this.#firstAt ??= now;
    if (now - this.#firstAt > sameRequestMs) this.onRepeated(signal);
    this.#resolve(signal);
  }
}
