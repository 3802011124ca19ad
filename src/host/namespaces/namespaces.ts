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
   * Where this process sees a path. A user's runtimes mount in a mount namespace of their own: without a known process in it the answer is
   * undefined, and an empty file at the path may be a namespace.
   */
  readonly see?: (target: string) => string | undefined;
  readonly reserved?: ReservedNetns;
  readonly content?: NetnsContent;
}

/**
 * Judges which attachments are alive, by the paths of their network namespaces: bind mounts, and links in `/proc/<pid>/ns`. A path to a namespace
 * of the host counts as no namespace, because no container has that one.
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

  /** Whether the namespace of an attachment still exists. @throws NetworkError storage */
  judge(attachment: Attachment): Liveness {
    const { netns } = attachment;
    if (netns === undefined) return 'unknown';
    const id = this.#identify(netns);
    return id === 'unknown' || id === 'gone' ? id : this.#judgeId(attachment, netns, id);
  }

  /**
   * Holds the namespace of an attachment, for the plugins of its DEL.
   *
   * @returns undefined when the namespace is gone, or when the one at its path may be another
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

  /** Whether the name of some namespace is that of a container. @param containerId without slashes */
  isNamedAfter(containerId: string): boolean {
    return [containerId, `cni-${containerId}`].some((name) => this.#identify(path.join(this.folder, name)) !== 'gone');
  }

  /** Judges by the mark; without one, a path by a process number may lead to another namespace, so the content decides. */
  #judgeId(attachment: Attachment, netns: string, id: NamespaceId): Liveness {
    const seen = this.#see(netns) ?? netns;
    if (attachment.mark !== undefined) return attachment.mark === markOf(id, netns, seen) ? 'alive' : 'gone';
    const pid = processBehind(netns, seen);
    return pid === undefined ? 'alive' : this.#content.judge(attachment, pid, id, seen);
  }

  /** The namespace at a path; `unknown` without access or an absolute path, `gone` for a missing namespace and for one of the host. */
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

/** Whether EACCES means that another user's process has the number now: the kernel lets a user see the namespaces of that user's processes. */
function isForeign(netns: string, error: unknown): boolean {
  return codeOf(error) === 'EACCES' && process.geteuid?.() !== 0 && processBehind(netns) !== undefined;
}
