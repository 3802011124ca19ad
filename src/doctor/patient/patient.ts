import type { Daemon } from '../../wiring/wire.js';
import type { OutputFacts } from '../facts/facts.js';

/** A podnetd, which need not serve, as far as the doctor asks it and acts through it. */
export interface Patient {
  readonly daemon: Pick<Daemon, 'config' | 'parts' | 'readiness' | 'services' | 'clearFolder'>;
  /** Files that this process could not write to at the last try. */
  readonly outputs: () => readonly OutputFacts[];
}
