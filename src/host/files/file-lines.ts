import * as fs from 'node:fs';

/** A line without its end. */
export interface FileLine {
  readonly bytes: Buffer;
  /** False for the rest behind the last end of line. */
  readonly isEnded: boolean;
}

const newline = 0x0a;
const pieceBytes = 1_048_576;

/** The lines of a file, also of a pipe, read piece by piece. @throws Error of node:fs */
export function* readLines(file: string): Generator<FileLine> {
  const fd = fs.openSync(file, fs.constants.O_RDONLY);
  try {
    const piece = Buffer.alloc(pieceBytes);
    let rest = Buffer.alloc(0);
    for (let count = fs.readSync(fd, piece); count > 0; count = fs.readSync(fd, piece)) {
      const bytes = Buffer.concat([rest, piece.subarray(0, count)]);
      const ended = endOfLines(bytes);
      yield* splitLines(bytes.subarray(0, ended));
      rest = bytes.subarray(ended);
    }
    yield* splitLines(rest);
  } finally {
    fs.closeSync(fd);
  }
}

/** The lines of a text. */
export function* splitLines(bytes: Buffer): Generator<FileLine> {
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    yield { bytes: bytes.subarray(start, end), isEnded: true };
    start = end + 1;
  }
  if (start < bytes.length) yield { bytes: bytes.subarray(start), isEnded: false };
}

/** The last bytes of an open file, at most `limit`. @throws Error of node:fs */
export function readEnd(fd: number, limit: number): FileEnd {
  const { size } = fs.fstatSync(fd);
  const bytes = Buffer.alloc(Math.min(limit, size));
  const count = fs.readSync(fd, bytes, 0, bytes.length, size - bytes.length);
  return { bytes: bytes.subarray(0, count), isWhole: size <= limit };
}

/** As {@link readEnd}, of a file by its name; undefined without a plain file. @throws Error of node:fs */
export function readEndOf(file: string, limit: number): FileEnd | undefined {
  if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    return readEnd(fd, limit);
  } finally {
    fs.closeSync(fd);
  }
}

export interface FileEnd {
  readonly bytes: Buffer;
  /** Whether they are all bytes of the file. */
  readonly isWhole: boolean;
}

function endOfLines(bytes: Buffer): number {
  return bytes.lastIndexOf(newline) + 1;
}
