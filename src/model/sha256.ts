import * as crypto from 'node:crypto';

/** Without an object that the garbage collector has to end; Node 20.0 to 20.11 lack it. source: Node.js doc/api/crypto.md@v20.12.0 crypto.hash */
const hashAtOnce = (crypto as Partial<Pick<typeof crypto, 'hash'>>).hash;

/** SHA-256 in 64 hexadecimal digits; of a text, that of its UTF-8. */
export function sha256(data: string | Buffer): string {
  return hashAtOnce === undefined
    ? crypto.createHash('sha256').update(data).digest('hex')
    : hashAtOnce('sha256', data, 'hex');
}
