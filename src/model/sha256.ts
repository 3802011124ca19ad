import { createHash } from 'node:crypto';

/** SHA-256 in 64 hexadecimal digits; of a text, that of its UTF-8. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
