import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { tryHold } from '../../host/file-locks/lone-process.js';
import { readTextFile } from '../../host/files/config-files.js';
import { makeFolder } from '../../host/files/make-folder.js';
import { replaceFile } from '../../host/files/replace-file.js';
import { syncFolder } from '../../host/files/sync-folder.js';
import { readContent, writeContent, type FileContent } from './file-content.js';

/** The durable file of own blocks. */
export interface FleetFile {
  /** When it was opened. */
  readonly content: FileContent;
  /** Puts a content into the file, whole and durable. @throws Error of node:fs; then the file has the former content or the new one */
  write(content: FileContent): Promise<void>;
  /** Gives the lock back. */
  close(): void;
}

/** The file cannot be used. The message is one line that names the file, the rule and the remedy. */
export class FleetFileError extends Error {
  override readonly name = 'FleetFileError';
}

/** Opens the file and locks it; one that is not there is written with the first block. @throws FleetFileError */
export function openFleetFile(file: string, host: string): FleetFile {
  const lock = hold(file);
  try {
    const content = readFleetFile(file) ?? {
      host,
      instance: randomUUID(),
      clusterId: undefined,
      revision: undefined,
      blocks: [],
    };
    if (content.host !== host && content.blocks.length > 0)
      throw new FleetFileError(
        `${file}: has the blocks of the host ${content.host}, and [fleet] host is ${host}; ` +
          `set host = "${content.host}" in podnetd.toml, or name another state_file`,
      );
    return {
      content: { ...content, host },
      write: async (next) => {
        await replaceFile(file, writeContent(next));
        await syncFolder(path.dirname(file));
      },
      close: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @returns undefined where there is no file @throws FleetFileError */
export function readFleetFile(file: string): FileContent | undefined {
  try {
    const text = readTextFile(file);
    return text === undefined ? undefined : readContent(text);
  } catch (error) {
    throw new FleetFileError(
      `${file}: is no file of own blocks that podnetd can read (${(error as Error).message}); ` +
        'put a sound copy there, or delete it: podnetd then takes over what the store has claimed for this host',
      { cause: error },
    );
  }
}

function hold(file: string): { release(): void } {
  let lock: { release(): void } | undefined;
  try {
    makeFolder(path.dirname(file));
    lock = tryHold(`${file}.lock`);
  } catch (error) {
    throw new FleetFileError(
      `${(error as Error).message}; name a folder that podnetd may write to: state_file in [fleet]`,
      {
        cause: error,
      },
    );
  }
  if (lock === undefined)
    throw new FleetFileError(
      `${file}: another podnetd works with it; stop that one, or give each a state_file and a host of its own in [fleet]`,
    );
  return lock;
}
