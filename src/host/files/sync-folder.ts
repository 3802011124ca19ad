import * as fs from 'node:fs';
import { promisify } from 'node:util';

const sync = promisify(fs.fsync);

/** Makes the names in a folder durable. @throws Error of node:fs */
export async function syncFolder(folder: string): Promise<void> {
  const fd = openFolder(folder);
  try {
    await sync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** As {@link syncFolder}, but blocks the event loop: for rare changes alone. @throws Error of node:fs */
export function syncFolderNow(folder: string): void {
  const fd = openFolder(folder);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function openFolder(folder: string): number {
  return fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
}
