import * as fs from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';

/** The name under which clients find a socket. Another program may delete or replace the name while the socket goes on listening. */
export class SocketName {
  #watcher: fs.FSWatcher | undefined;

  constructor(
    readonly path: string,
    /** Inode and device of the socket that has to have the name. */
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

  /** Calls `onChange` when the name, or the folder that has it, may have changed; never where inotify is missing. */
  watch(onChange: () => void): void {
    const folder = dirname(this.path);
    const names = new Set([basename(this.path), basename(folder)]);
    try {
      this.#watcher = fs.watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names.has(name)) onChange();
      });
      this.#watcher.on('error', onChange);
    } catch {
      // Each request for podnetd's readiness looks at the name as well.
    }
  }

  unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

/** The name of a socket that another process made; undefined when no socket has this absolute path now. */
export function lookUpSocketName(socketPath: string): SocketName | undefined {
  if (!isAbsolute(socketPath)) return undefined;
  const found = fs.lstatSync(socketPath, { bigint: true, throwIfNoEntry: false });
  return found?.isSocket() === true ? new SocketName(socketPath, found) : undefined;
}
