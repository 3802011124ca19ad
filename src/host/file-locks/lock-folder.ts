import * as fs from 'node:fs';

type Callback<T> = (error: Error | null, result?: T) => void;

/**
 * The calls of a file system that proper-lockfile needs, without threads: the calls end in memory, and four handovers to a thread cost more than
 * the change that they guard. None of them follows a link in the folder's place.
 */
export const lockFolderCalls = {
  mkdir: (folder: string, done: Callback<void>) => answer(done, () => fs.mkdirSync(folder)),
  rmdir: (folder: string, done: Callback<void>) => answer(done, () => fs.rmdirSync(folder)),
  stat: (folder: string, done: Callback<fs.Stats>) => answer(done, () => fs.lstatSync(folder)),
  utimes: (folder: string, accessed: Date, modified: Date, done: Callback<void>) =>
    answer(done, () => fs.lutimesSync(folder, accessed, modified)),
};

function answer<T>(done: Callback<T>, call: () => T): void {
  let result: T;
  try {
    result = call();
  } catch (error) {
    process.nextTick(done, error);
    return;
  }
  process.nextTick(done, null, result);
}
