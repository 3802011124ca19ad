import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isShortage, storageError } from './native-error.js';

/** From here on an id is nothing else by chance; source: the short form that container engines print. */
const distinctiveLength = 12;

/** What processes are called and where they are grouped, at one moment. */
export class ProcessTable {
  readonly #commandLines: string;
  readonly #groups: string;
  readonly #parts: ReadonlySet<string>;

  /** @param commandLines arguments ended by NUL @param groups texts of `/proc/<pid>/cgroup` */
  constructor(commandLines: readonly string[], groups: readonly string[]) {
    this.#commandLines = commandLines.join('\0');
    this.#groups = groups.flatMap((text) => text.split('\n').map((line) => line.replace(/^\d+:[^:]*:/, ''))).join('\n');
    this.#parts = new Set([...this.#commandLines.split('\0'), ...this.#groups.split(/[/\n]/)]);
  }

  /** Whether a container is kept by a monitor (`conmon -c ID`, `containerd-shim -id ID`), or grouped (`…/libpod-ID.scope`). */
  mentions(containerId: string): boolean {
    if (containerId === '') return false;
    if (containerId.length < distinctiveLength) return this.#parts.has(containerId);
    return this.#commandLines.includes(containerId) || this.#groups.includes(containerId);
  }
}

/** @param root of procfs @throws NetworkError storage when not every process can be asked */
export function readProcesses(root = '/proc'): ProcessTable {
  const pids = listProcesses(root);
  const read = (fileName: string) => new Set(pids.map((pid) => readOf(path.join(root, pid, fileName))));
  return new ProcessTable([...read('cmdline')], [...read('cgroup')]);
}

function listProcesses(root: string): readonly string[] {
  try {
    return readdirSync(root).filter((name) => /^\d+$/.test(name));
  } catch (error) {
    throw storageError('open', root, error);
  }
}

/** A process that ended meanwhile, or is hidden, says nothing. */
function readOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isShortage(error)) throw storageError('open', file, error);
    return '';
  }
}
