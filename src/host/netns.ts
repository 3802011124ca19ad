import * as fs from 'node:fs';
import path from 'node:path';
import { NetworkError } from '../model/errors.js';
import { isNamespace } from './nsfs.js';
import { run } from './run.js';

export interface ProgramCall {
  readonly file: string;
  readonly args: readonly string[];
}

const processNetns = /^\/proc\/[1-9]\d*\/ns\/net$/;
const limits = { timeoutMs: 10_000, maxOutputBytes: 4_000_000 };

/** Network namespaces in the folders where runtimes and `ip netns` keep them, and those of processes. */
export class NetnsFolders {
  constructor(
    /** In the order in which a bare name is looked for. */
    private readonly folders: readonly string[],
    /** Brings a program to where a namespace can be entered. */
    private readonly wrap: (call: ProgramCall, netns: string) => Promise<ProgramCall>,
    /** Where this process sees a path that those who mount namespaces give. */
    private readonly see: (target: string) => string = (target) => target,
  ) {}

  /** @returns its path; undefined when there is none of the name @throws NetworkError invalid */
  find(nameOrPath: string): string | undefined {
    if (nameOrPath.includes('\0')) return undefined;
    return nameOrPath.includes('/') ? this.#findPath(nameOrPath) : this.#findName(nameOrPath);
  }

  isAlive(netns: string): boolean {
    try {
      return isNamespace(this.see(netns));
    } catch {
      return false;
    }
  }

  /** Names of the links inside, up or down. @throws NetworkError invalid, and storage when they cannot be asked for */
  async links(netns: string): Promise<ReadonlySet<string>> {
    const call = await this.wrap({ file: 'nsenter', args: [`--net=${netns}`, '--', 'cat', '/proc/net/dev'] }, netns);
    const outcome = await run(call.file, call.args, limits);
    if (outcome.kind === 'ended' && outcome.exitCode === 0) return readLinkNames(outcome.stdout);
    // No fault of the namespace, nor of who asked for it.
    if (outcome.kind === 'notStarted')
      throw new NetworkError('storageFailed', { operation: 'run', path: call.file, reason: outcome.reason });
    throw new NetworkError('netnsUnusable', { netns, reason: outcome.stderr.trim() || outcome.kind });
  }

  #findName(name: string): string | undefined {
    if (name === '' || name === '.' || name === '..') return undefined;
    return this.folders.map((folder) => path.join(folder, name)).find((file) => this.isAlive(file));
  }

  #findPath(given: string): string | undefined {
    const refuse = (reason: string) => new NetworkError('netnsUnusable', { netns: given, reason });
    const isKnown =
      processNetns.test(given) || this.folders.some((folder) => given === path.join(folder, path.basename(given)));
    if (!isKnown || path.normalize(given) !== given || path.basename(given) === '..') {
      throw refuse(`namespaces are used from ${this.folders.join(', ')} and /proc/PID/ns/net`);
    }
    if (!fs.existsSync(this.see(given))) return undefined;
    if (!this.isAlive(given)) throw refuse('it is no namespace');
    if (isSame(this.see(given), '/proc/self/ns/net')) throw refuse('it is the one of podnetd itself');
    // `/var/run` leads to `/run`: one namespace has one name.
    return processNetns.test(given) ? given : path.join(fs.realpathSync(path.dirname(given)), path.basename(given));
  }
}

/** Two lines of heading, then a link a line: `  eth0: 1234 …`. */
function readLinkNames(table: string): ReadonlySet<string> {
  return new Set(
    table
      .split('\n')
      .slice(2)
      .flatMap((line) => /^ *(\S+):\s/.exec(line)?.[1] ?? []),
  );
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [fs.statSync(a), fs.statSync(b)];
  return left.ino === right.ino && left.dev === right.dev;
}
