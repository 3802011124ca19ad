import { readTextFile } from '../../host/files/config-files.js';
import { StoreError } from '../store/claim-store.js';

/** The first line of the file. @throws StoreError refused */
export function readPassword(file: string): string {
  let text: string | undefined;
  try {
    text = readTextFile(file);
  } catch (error) {
    throw new StoreError('refused', `${file}: the password cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (text === undefined)
    throw new StoreError('refused', `${file}: there is no such file; write the password into its first line`);
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw new StoreError('refused', `${file}: has no password in its first line; write it there`);
  return line;
}
