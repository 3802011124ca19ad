import { rememberLast } from '../../model/remember-last.js';
import { decodeFile, type DecodedFile } from './decode.js';

/**
 * A list that podnetd has encoded, with 0 as its time of creation. The last one is remembered, because a client creates a network after its
 * preview, and both decode the same text.
 */
export const decodeWritten: (text: string) => DecodedFile = rememberLast((text: string) => decodeFile(text, true, 0n));
