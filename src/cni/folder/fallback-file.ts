import type { PlannedNetwork } from '../../model/network.js';
import { decodeFile } from '../conflist/decode.js';
import { encodeConflist } from '../conflist/encode.js';
import type { IndexedFile } from './network-index.js';

/** A network that is there while no file defines its name: the key sorts behind every file name. */
export function buildFallbackFile(network: PlannedNetwork): IndexedFile {
  const text = encodeConflist(network);
  return { key: '\uffff', path: undefined, decoded: decodeFile(text, true, BigInt(Date.now()) * 1_000_000n) };
}
