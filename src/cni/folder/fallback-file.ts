import type { PlannedNetwork } from '../../model/network.js';
import { decodeFile } from '../conflist/decode.js';
import { encodeConflist } from '../conflist/encode.js';
import type { IndexedFile } from './indexed-file.js';

/**
 * A network that is there while no file defines its name: the key sorts behind every file name.
 *
 * @param createdMs milliseconds since 1970
 */
export function buildFallbackFile(network: PlannedNetwork, createdMs: number): IndexedFile {
  const text = encodeConflist(network);
  return { key: '\uffff', path: undefined, decoded: decodeFile(text, true, BigInt(createdMs) * 1_000_000n) };
}
