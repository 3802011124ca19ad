import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { unescapeMountPoint } from '../files/mount-points.js';

interface Hierarchy {
  /** `''` for cgroup v2. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
}

/**
 * Judges which control groups a user alone can have made. The owner of a group's parent folder chose its name; the group itself may belong to the
 * root of a container's user namespace, and systemd delegates a part of the tree to each user who is logged in.
 */
export class ControlGroups {
  readonly #hierarchies: readonly Hierarchy[];
  readonly #known = new Map<string, boolean>();

  /** @param mountInfo text of `/proc/self/mountinfo` */
  constructor(
    mountInfo: string,
    private readonly owner: number,
  ) {
    this.#hierarchies = mountInfo.split('\n').flatMap((line) => readHierarchy(line) ?? []);
  }

  /**
   * @param controllers of a line of `/proc/<pid>/cgroup` @param group path in it
   * @returns whether the owner alone can have made the group; undefined where this process cannot see the tree
   */
  isMadeByOwner(controllers: string, group: string): boolean | undefined {
    const wanted = controllers.split(',');
    const hierarchy = this.#hierarchies.find((found) => wanted.every((name) => found.controllers.includes(name)));
    // Above the root of the cgroup namespace of this process.
    if (hierarchy === undefined || group.startsWith('/..')) return undefined;
    const folder = path.join(hierarchy.mountPoint, path.dirname(group));
    const known = this.#known.get(folder) ?? this.#isOwned(folder);
    this.#known.set(folder, known);
    return known;
  }

  /** False for a missing folder: zombies still name a group that was removed. */
  #isOwned(folder: string): boolean {
    try {
      const { uid, mode } = statSync(folder);
      return uid === this.owner && (mode & 0o022) === 0;
    } catch {
      return false;
    }
  }
}

/** The control groups of this machine. @param root of procfs @param owner user id */
export function readControlGroups(root: string, owner: number): ControlGroups {
  try {
    return new ControlGroups(readFileSync(path.join(root, 'self/mountinfo'), 'utf8'), owner);
  } catch {
    return new ControlGroups('', owner);
  }
}

/** The hierarchy of a mountinfo line; undefined for a mount of a part of it, as paths in `/proc` begin at its root. source: proc_pid_mountinfo(5) */
function readHierarchy(line: string): Hierarchy | undefined {
  const [place = '', kind = ''] = line.split(' - ');
  const [, , , root, mountPoint = ''] = place.split(' ');
  const [type, , options = ''] = kind.split(' ');
  if (root !== '/') return undefined;
  if (type === 'cgroup2') return { controllers: [''], mountPoint: unescapeMountPoint(mountPoint) };
  if (type !== 'cgroup') return undefined;
  return { controllers: options.split(','), mountPoint: unescapeMountPoint(mountPoint) };
}
