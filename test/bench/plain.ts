import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/** A durable publish of a file as plain as can be: write, fsync, rename, fsync of the folder, with nothing decided and nobody asked. */
export class PlainPublisher {
  #made = 0;

  /** @param folder on the disk that is compared with, watched by nobody */
  constructor(
    private readonly folder: string,
    private readonly text: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  publish(): void {
    this.#made += 1;
    const temporary = path.join(this.folder, `${this.#made}.tmp`);
    const file = openSync(temporary, 'wx');
    writeSync(file, this.text);
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, path.join(this.folder, `${this.#made}.conflist`));
    const directory = openSync(this.folder, 'r');
    fsyncSync(directory);
    closeSync(directory);
  }
}
