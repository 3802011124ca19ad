import type { Network } from '../../model/network.js';

export interface StoredNetwork {
  readonly network: Network;
  /** Absolute path; undefined for the default network that lives in memory. */
  readonly path: string | undefined;
  /** Text of the file. */
  readonly text: string;
  /** The conflist as parsed, keys in file order. */
  readonly conflist: Readonly<Record<string, unknown>>;
  /** True for a file that neither podnetd nor Podman writes, which podnetd shows and counts but never changes. */
  readonly foreign: boolean;
}

/** A file that cannot be used, and why. */
export interface FileProblem {
  readonly path: string;
  readonly reason: string;
  /** Line of the fault, counted from 1; undefined when it is not known. */
  readonly line: number | undefined;
}

/** The networks of the folder, refreshed at each call. */
export interface NetworkReader {
  /** @throws NetworkError notFound, ambiguous */
  find(nameOrId: string): Promise<StoredNetwork>;
  /** Every network, in the order of their files; the same array as before while nothing changed. @throws NetworkError storage */
  list(): Promise<readonly StoredNetwork[]>;
  /** @throws NetworkError storage */
  problems(): Promise<readonly FileProblem[]>;
}
