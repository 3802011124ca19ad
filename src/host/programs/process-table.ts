import { readdirSync } from 'node:fs';
import path from 'node:path';
import { readControlGroups } from './control-groups.js';
import { storageError } from '../native-error.js';
import { ProcessOwners, readProcessFile } from './process-owners.js';

/** From this many characters on no other text has an id by chance; source: the short form that container engines print. */
const distinctiveLength = 12;

/** Judges whose names count, because any user can name a process after a container, and some users can make groups. */
export interface Trust {
  /** Whether a process was started by the user that runtimes run as. */
  isOwn(pid: string): boolean;
  /** Whether a group was made by that user; undefined where podnetd cannot see that. */
  isOwnGroup(controllers: string, group: string): boolean | undefined;
}

/** Process numbers by the text of one file in procfs, such as `cmdline`, that these processes share. */
export type PidsByText = ReadonlyMap<string, readonly string[]>;

/** Command lines and control groups of all processes, at one moment. */
export class ProcessTable {
  readonly #commandLines: string;
  readonly #groups: string;
  readonly #parts: ReadonlySet<string>;

  /** @param commandLines arguments ended by NUL @param groups texts of `/proc/<pid>/cgroup` */
  constructor(
    private readonly commandLines: PidsByText,
    private readonly groups: PidsByText,
    private readonly trust: Trust,
  ) {
    this.#commandLines = [...commandLines.keys()].join('\0');
    this.#groups = [...groups.keys()].flatMap((text) => groupsIn(text).map(({ group }) => group)).join('\n');
    this.#parts = new Set([...this.#commandLines.split('\0'), ...this.#groups.split(/[/\n]/)]);
  }

  /**
   * Whether the user that runtimes run as has a monitor (`conmon -c ID`, `containerd-shim -id ID`) or a control group (`…/libpod-ID.scope`) for a
   * container, whatever user its processes have.
   */
  mentions(containerId: string): boolean {
    if (containerId === '') return false;
    const isNamed =
      containerId.length < distinctiveLength
        ? (part: string) => part === containerId
        : (part: string) => part.includes(containerId);
    // A quick test first, because most of the time no process and no group has the name.
    const isAnywhere =
      containerId.length < distinctiveLength
        ? this.#parts.has(containerId)
        : this.#commandLines.includes(containerId) || this.#groups.includes(containerId);
    return isAnywhere && (this.#isMonitored(isNamed) || this.#isGrouped(isNamed));
  }

  #isMonitored(isNamed: (argument: string) => boolean): boolean {
    return [...this.commandLines].some(
      ([text, pids]) => text.split('\0').some(isNamed) && pids.some((pid) => this.trust.isOwn(pid)),
    );
  }

  #isGrouped(isNamed: (part: string) => boolean): boolean {
    return [...this.groups].some(([text, pids]) =>
      groupsIn(text).some(({ controllers, group }) => {
        const parts = group.split('/');
        return parts.some((part, index) => {
          if (!isNamed(part)) return false;
          const isOwnGroup = this.trust.isOwnGroup(controllers, parts.slice(0, index + 1).join('/'));
          return isOwnGroup ?? pids.some((pid) => this.trust.isOwn(pid));
        });
      }),
    );
  }
}

/**
 * Reads the processes of this machine.
 *
 * @param root of procfs
 * @param owner user id that runtimes run as
 * @throws NetworkError storage when procfs cannot be listed, or for want of descriptors or memory
 */
export function readProcesses(root = '/proc', owner = process.geteuid?.() ?? 0): ProcessTable {
  const pids = listProcesses(root);
  const groups = readControlGroups(root, owner);
  const owners = new ProcessOwners(root, owner);
  return new ProcessTable(readAll(root, pids, 'cmdline'), readAll(root, pids, 'cgroup'), {
    isOwn: (pid) => owners.isOwn(pid),
    isOwnGroup: (controllers, group) => groups.isMadeByOwner(controllers, group),
  });
}

function listProcesses(root: string): readonly string[] {
  try {
    return readdirSync(root).filter((name) => /^\d+$/.test(name));
  } catch (error) {
    throw storageError('open', root, error);
  }
}

function readAll(root: string, pids: readonly string[], fileName: string): PidsByText {
  const found = new Map<string, string[]>();
  for (const pid of pids) {
    const text = readProcessFile(path.join(root, pid, fileName));
    const known = found.get(text);
    if (known === undefined) found.set(text, [pid]);
    else known.push(pid);
  }
  return found;
}

/** source: cgroups(7), `/proc/<pid>/cgroup` */
function groupsIn(text: string): readonly { readonly controllers: string; readonly group: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return controllers === undefined || group === undefined ? [] : [{ controllers, group }];
  });
}
