import * as fs from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';

/** The name under which clients find a socket: it may be deleted, or become another's, while the socket itself goes on listening. */
export class SocketName {
  #watcher: fs.FSWatcher | undefined;

  constructor(
    readonly path: string,
    /** The file that has to have the name. */
    private readonly made: Pick<fs.BigIntStats, 'dev' | 'ino'>,
  ) {}

  /** Why clients cannot find the socket; undefined when they can. */
  get loss(): string | undefined {
    try {
      const found = fs.lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
      if (found === undefined) return 'its name is gone';
      if (found.ino === this.made.ino && found.dev === this.made.dev) return undefined;
      return `${found.isSocket() ? 'another socket' : 'something else'} of uid ${found.uid} has its name`;
    } catch {
      return 'its folder cannot be looked into';
    }
  }

  /** Reports that the name, or the folder that it is in, may have changed. Where there is no inotify, nothing does. */
  watch(onChange: () => void): void {
    const folder = dirname(this.path);
    const names = new Set([basename(this.path), basename(folder)]);
    try {
      this.#watcher = fs.watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names.has(name)) onChange();
      });
      this.#watcher.on('error', onChange);
    } catch {
      // The name is looked at when somebody asks whether podnetd is ready.
    }
  }

  unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

/** The name that a socket of another maker has now; undefined when it has none that is known. */
export function lookUpSocketName(socketPath: string): SocketName | undefined {
  if (!isAbsolute(socketPath)) return undefined;
  const found = fs.lstatSync(socketPath, { bigint: true, throwIfNoEntry: false });
  return found?.isSocket() === true ? new SocketName(socketPath, found) : undefined;
}
