import * as fs from 'node:fs';
import { storageError } from '../native-error.js';
import { identifyNamespace, type NamespaceId } from './nsfs.js';
import { nameOfProcess, readProcFile } from '../programs/process-identity.js';

/** Owner of a network namespace that no container may be connected in. */
export type NetnsOwner = 'podnetd' | 'host' | 'user' | 'otherUser';

export interface ReservedOptions {
  /** Paths of the namespaces that have the bridges of this user. */
  readonly ofUser?: () => readonly string[];
  /** The process that keeps such a namespace for a podnetd: the variable in its environment, and its name. */
  readonly keeper?: { readonly variable: string; readonly name: string };
}

/** Network namespaces that have networks, not containers: podnetd must neither add interfaces there nor take any away. */
export class ReservedNetns {
  readonly #own = identifyIfReadable('/proc/self/ns/net');
  /** Undefined when this user may not read it. */
  readonly #host = identifyIfReadable('/proc/1/ns/net');

  constructor(private readonly options: ReservedOptions = {}) {}

  /** The owner of a namespace that this podnetd knows as reserved; undefined for any other. */
  ownerOf(id: NamespaceId): NetnsOwner | undefined {
    if (id === this.#own) return 'podnetd';
    if (id === this.#host) return 'host';
    return this.options.ofUser?.().some((target) => identifyIfReadable(target) === id) ? 'user' : undefined;
  }

  /** As {@link ownerOf}, but also searches all processes for one that keeps the namespace for another podnetd. @throws NetworkError storage */
  searchOwnerOf(id: NamespaceId): NetnsOwner | undefined {
    return this.ownerOf(id) ?? (this.#isKept(id) ? 'otherUser' : undefined);
  }

  #isKept(id: NamespaceId): boolean {
    const { keeper } = this.options;
    if (keeper === undefined) return false;
    return listProcesses().some((pid) => {
      if (identifyIfReadable(`/proc/${pid}/ns/net`) !== id) return false;
      if (nameOfProcess(pid) !== keeper.name) return false;
      return (readProcFile(pid, 'environ') ?? '').split('\0').some((pair) => pair.startsWith(`${keeper.variable}=`));
    });
  }
}

function listProcesses(): readonly number[] {
  try {
    return fs
      .readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch (error) {
    throw storageError('open', '/proc', error);
  }
}

function identifyIfReadable(target: string): NamespaceId | undefined {
  try {
    return identifyNamespace(target);
  } catch {
    return undefined;
  }
}
