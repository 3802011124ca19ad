import { rememberEach } from '../../model/remember-each.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { DecodedFile } from '../conflist/decode.js';

/** A configuration file as the index knows it. */
export interface IndexedFile {
  /** Name of the file; orders files that claim one name of a network. */
  readonly key: string;
  /** Absolute path; undefined for the default network that lives in memory. */
  readonly path: string | undefined;
  readonly decoded: DecodedFile;
}

/** The network that a file defines, as readers receive it: the same object each time. @throws TypeError for a file without a network */
export const toStored = rememberEach(({ key, path, decoded }: IndexedFile): StoredNetwork => {
  const { network, text, conflist, podmanShaped } = decoded;
  if (network === undefined) throw new TypeError(`${path ?? 'memory'} is no network`);
  return {
    network,
    path,
    text,
    conflist,
    foreign: path !== undefined && !(podmanShaped && key === `${network.name}.conflist`),
  };
});
