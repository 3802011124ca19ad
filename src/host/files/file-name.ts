/**
 * Names of files as text. The kernel's names are bytes, most of them UTF-8. A byte outside UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF.
 * UTF-8 never decodes to one, so different names have different texts and {@link toNative} finds the file again.
 *
 * source: PEP 383 (surrogateescape)
 */
const escapeBase = 0xdc00;

/** A path as node:fs takes it. */
export type NativePath = string | Buffer;

/** A file name as text. @param latin1 the name as node:fs returns it in the encoding latin1, one character per byte */
export function toText(latin1: string): string {
  return highByte.test(latin1) ? decode(Buffer.from(latin1, 'latin1')) : latin1;
}

/** The path of names by {@link toText} as node:fs takes it. */
export function toNative(target: string): NativePath {
  return target.isWellFormed() ? target : Buffer.concat(Array.from(target, encode));
}

const highByte = /[\x80-\xff]/;

function decode(bytes: Buffer): string {
  const whole = bytes.toString('utf8');
  if (!whole.includes('\ufffd')) return whole;
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    text += length === 0 ? String.fromCharCode(escapeBase + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** Length in bytes of the UTF-8 character that begins at `at`; 0 where none begins. */
function characterLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const piece = bytes.subarray(at, at + length);
  return Buffer.from(piece.toString('utf8')).equals(piece) ? length : 0;
}

function encode(character: string): Buffer {
  return character.isWellFormed() ? Buffer.from(character) : Buffer.of(character.charCodeAt(0) - escapeBase);
}
