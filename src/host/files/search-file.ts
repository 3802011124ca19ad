import { createReadStream } from 'node:fs';
import { toNative } from './file-name.js';

const chunkBytes = 1024 * 1024;

/** Whether a file, such as a program, holds a text; false when it cannot be read. It is read in pieces, so its size does not matter. */
export async function holdsText(target: string, text: string): Promise<boolean> {
  const wanted = Buffer.from(text);
  let tail = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(toNative(target), { highWaterMark: chunkBytes })) {
      const piece = Buffer.concat([tail, chunk as Buffer]);
      if (piece.includes(wanted)) return true;
      tail = piece.subarray(Math.max(0, piece.length - wanted.length + 1));
    }
  } catch {
    return false;
  }
  return false;
}
