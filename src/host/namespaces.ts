import { existsSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from './native-error.js';
import { isNamespace } from './nsfs.js';

/** Network namespaces by the paths that runtimes hand about: bind mounts, and links in `/proc/<pid>/ns`. */
export class Namespaces {
  constructor(
    /** Where runtimes of this user mount the namespaces that they make. */
    private readonly folder: string,
    /**
     * Where this process sees a path. Runtimes of a user mount in a mount namespace of their own: undefined when nobody is known who sees it,
     * and an empty file may be a namespace.
     */
    private readonly see: (target: string) => string | undefined = (target) => target,
  ) {}

  /** What cannot be told (no access, no path) counts as being there. A path in `/proc` is that of whoever has the process id now. */
  isThere(netns: string): boolean {
    if (!path.isAbsolute(netns)) return true;
    try {
      const seen = this.see(netns);
      return isNamespace(seen ?? netns) || (seen === undefined && existsSync(netns));
    } catch (error) {
      return !['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
    }
  }

  /** Whether a namespace is called after a container. @param containerId without slashes */
  isNamedAfter(containerId: string): boolean {
    return [containerId, `cni-${containerId}`].some((name) => this.isThere(path.join(this.folder, name)));
  }
}
