import path from 'node:path';
import { existsSync } from 'node:fs';
import type { Attachment, Liveness } from '../../model/attachment.js';
import { HeldNetns, markOf } from './held-netns.js';
import { codeOf, isShortage, saysAbsent, storageError } from '../native-error.js';
import { NetnsContent } from './netns-content.js';
import { identifyNamespace, type NamespaceId } from './nsfs.js';
import { processBehind } from '../programs/process-path.js';
import { ReservedNetns } from './reserved-netns.js';

export interface NamespacesOptions {
  /**
   * Where this process sees a path. Runtimes of a user mount in a mount namespace of their own: undefined when nobody is known who sees it,
   * and an empty file may be a namespace.
   */
  readonly see?: (target: string) => string | undefined;
  readonly reserved?: ReservedNetns;
  readonly content?: NetnsContent;
}

/**
 * Which attachments are alive, by the paths of namespaces that runtimes hand about: bind mounts, and links in `/proc/<pid>/ns`. A path that leads
 * to a namespace of the host leads to none: nothing of it is a container's.
 */
export class Namespaces {
  readonly #see: (target: string) => string | undefined;
  readonly #reserved: ReservedNetns;
  readonly #content: NetnsContent;

  constructor(
    /** Where runtimes of this user mount the namespaces that they make. */
    private readonly folder: string,
    options: NamespacesOptions = {},
  ) {
    this.#see = options.see ?? ((target) => target);
    this.#reserved = options.reserved ?? new ReservedNetns();
    this.#content = options.content ?? new NetnsContent();
  }

  /** @throws NetworkError storage */
  judge(attachment: Attachment): Liveness {
    const { netns } = attachment;
    if (netns === undefined) return 'unknown';
    const id = this.#identify(netns);
    return id === 'unknown' || id === 'gone' ? id : this.#judgeId(attachment, netns, id);
  }

  /**
   * Holds the namespace that an attachment was made in, for the plugins of its DEL.
   *
   * @returns undefined when it is not there any more, or when it cannot be told
   * @throws NetworkError storage
   */
  holdOf(attachment: Attachment): HeldNetns | undefined {
    const { netns } = attachment;
    if (netns === undefined || !path.isAbsolute(netns)) return undefined;
    const held = HeldNetns.open(netns, this.#see(netns) ?? netns);
    if (held === undefined) return undefined;
    const isReserved = this.#reserved.searchOwnerOf(held.id) !== undefined;
    if (!isReserved && this.#judgeId(attachment, netns, held.id) === 'alive') return held;
    held.close();
    return undefined;
  }

  /** Whether a namespace is called after a container. @param containerId without slashes */
  isNamedAfter(containerId: string): boolean {
    return [containerId, `cni-${containerId}`].some((name) => this.#identify(path.join(this.folder, name)) !== 'gone');
  }

  /** By the mark, or else, where another namespace may be at the path, by what is inside. */
  #judgeId(attachment: Attachment, netns: string, id: NamespaceId): Liveness {
    const seen = this.#see(netns) ?? netns;
    if (attachment.mark !== undefined) return attachment.mark === markOf(id, netns, seen) ? 'alive' : 'gone';
    const pid = processBehind(netns, seen);
    return pid === undefined ? 'alive' : this.#content.judge(attachment, pid, id, seen);
  }

  /** The namespace at a path. What cannot be told (no access, no path) counts as unknown, and what is none of a container's as gone. */
  #identify(netns: string): NamespaceId | 'gone' | 'unknown' {
    if (!path.isAbsolute(netns)) return 'unknown';
    try {
      const seen = this.#see(netns);
      const id = identifyNamespace(seen ?? netns);
      if (id === undefined) return seen === undefined && existsSync(netns) ? 'unknown' : 'gone';
      return this.#reserved.ownerOf(id) === undefined ? id : 'gone';
    } catch (error) {
      if (isShortage(error)) throw storageError('stat', netns, error);
      return saysAbsent(error) || isForeign(netns, error) ? 'gone' : 'unknown';
    }
  }
}

/** Users may look into all of their own namespaces, so a process that keeps them out has another's, and got its number later. */
function isForeign(netns: string, error: unknown): boolean {
  return codeOf(error) === 'EACCES' && process.geteuid?.() !== 0 && processBehind(netns) !== undefined;
}
