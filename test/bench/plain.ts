import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/** The plainest durable publish of a file: write, fsync, rename, fsync of the folder, without any decision. */
export class PlainPublisher {
  #made = 0;

  /** @param folder on the disk of the measured server, without a watcher */
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
