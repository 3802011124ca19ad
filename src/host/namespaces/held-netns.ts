import * as fs from 'node:fs';
import { NetworkError } from '../../model/errors/errors.js';
import { isShortage, storageError } from '../native-error.js';
import { identifyNamespace, type NamespaceId } from './nsfs.js';
import { identifyProcess } from '../programs/process-identity.js';
import { processBehind } from '../programs/process-path.js';

/** O_PATH opens the name alone, not a pipe or device that may have it; source: linux include/uapi/asm-generic/fcntl.h. */
const nameOnly = 0o10000000;

/** A network namespace held open by a descriptor, so that it lives on when its path and the processes in it are gone. */
export class HeldNetns {
  private constructor(
    /** The path in the mount namespace of the runtime that made the network namespace. */
    readonly path: string,
    readonly descriptor: number,
    readonly id: NamespaceId,
    /** Text that distinguishes this namespace from any that the path leads to later, also after a restart of the machine. */
    readonly mark: string,
  ) {}

  /**
   * @param seen the same path in the mount namespace of this process
   * @returns undefined when no namespace is there, or this process may not open it
   * @throws NetworkError storage for want of descriptors or memory
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
 * The mark of a namespace; see {@link HeldNetns.mark}. The kernel reuses the numbers of namespaces and processes, so the mark adds the boot id of
 * the machine and the start time of the process.
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
