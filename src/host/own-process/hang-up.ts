import * as fs from 'node:fs';
import { isatty } from 'node:tty';

/**
 * SIGHUP: a service manager asks a daemon to read its settings again by it, and the kernel sends it when the terminal of a program is gone. podnetd takes it
 * for the second when it was started from a terminal that no longer opens.
 */
export class HangUp {
  readonly #hadTerminal = isatty(0);
  #reload: (() => void) | undefined;
  #isWanted = false;

  constructor(onTerminalGone: () => void) {
    process.on('SIGHUP', () => {
      if (this.#hadTerminal && !opensTerminal()) onTerminalGone();
      else if (this.#reload === undefined) this.#isWanted = true;
      else this.#reload();
    });
  }

  /** Calls `reload` at each request to read the settings again; at once for one that came before. */
  onReload(reload: () => void): void {
    this.#reload = reload;
    if (this.#isWanted) reload();
    this.#isWanted = false;
  }
}

/** source: tty(4) */
function opensTerminal(): boolean {
  try {
    fs.closeSync(fs.openSync('/dev/tty', fs.constants.O_RDONLY | fs.constants.O_NOCTTY | fs.constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}
