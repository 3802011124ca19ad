import type { Finding } from '../../model/finding.js';

/** Looks for what is wrong with the networks of this host. */
export interface Doctor {
  /** Errors first; each finding that follows from another comes behind that one. @throws NetworkError storage */
  examine(): Promise<readonly Finding[]>;
}
