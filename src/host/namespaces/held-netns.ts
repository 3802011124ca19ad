import * as fs from 'node:fs';
import { NetworkError } from '../../model/errors/errors.js';
import { isShortage, storageError } from '../native-error.js';
import { identifyNamespace, type NamespaceId } from './nsfs.js';
import { identifyProcess } from '../programs/process-identity.js';
import { processBehind } from '../programs/process-path.js';

/** Opens nothing but the name, so that no pipe or device in its place is touched; source: linux include/uapi/asm-generic/fcntl.h (O_PATH). */
const nameOnly = 0o10000000;

/** A network namespace held open: it stays the same, and stays, whatever becomes of its path and of the processes in it. */
export class HeldNetns {
  private constructor(
    /** As those who mount namespaces give it. */
    readonly path: string,
    readonly descriptor: number,
    readonly id: NamespaceId,
    /** Tells it from every other namespace that the path may lead to later, also after a restart of the machine. */
    readonly mark: string,
  ) {}

  /**
   * @param seen where this process sees the path
   * @returns undefined when no namespace is there, or none for us
   * @throws NetworkError storage when that cannot be told
   */
  static open(path: string, seen: string): HeldNetns | undefined {
    let descriptor: number | undefined;
    try {
      descriptor = fs.openSync(seen, nameOnly);
      const id = identifyNamespace(`/proc/self/fd/${descriptor}`);
      if (id !== undefined) return new HeldNetns(path, descriptor, id, markOf(id, path, seen));
      fs.closeSync(descriptor);
      return undefined;
    } catch (error) {
      if (descriptor !== undefined) fs.closeSync(descriptor);
      if (error instanceof NetworkError) throw error;
      if (isShortage(error)) throw storageError('open', path, error);
      return undefined;
    }
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }
}

/**
 * A number of a namespace or of a process is given again; together with the start of machine and process it is not.
 *
 * @throws NetworkError storage
 */
export function markOf(id: NamespaceId, path: string, seen: string): string {
  const pid = processBehind(path, seen);
  const process = pid === undefined ? undefined : identifyProcess(pid);
  const parts = [bootId(), id, ...(process === undefined ? [] : [process.pid, process.startTicks])];
  return parts.join(' ');
}

let boot: string | undefined;

/** source: random(4) */
function bootId(): string {
  const file = '/proc/sys/kernel/random/boot_id';
  try {
    boot ??= fs.readFileSync(file, 'utf8').trim();
    return boot;
  } catch (error) {
    throw storageError('open', file, error);
  }
}
