import * as fs from 'node:fs';
import path from 'node:path';
import type { Attachment, Liveness } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import { HeldNetns } from './held-netns.js';
import { isShortage, storageError } from '../native-error.js';
import { isNamespace } from './nsfs.js';
import { ReservedNetns } from './reserved-netns.js';
import type { ProgramCall } from '../programs/program-call.js';
import { run } from '../programs/run.js';

/** Places a program where it can enter a network namespace. */
export type WrapProgram = (call: ProgramCall, netns: string) => ProgramCall;

export interface NetnsFoldersOptions {
  readonly wrap?: WrapProgram;
  /** Maps a runtime's path of a namespace to the path where this process sees it. */
  readonly see?: (target: string) => string;
  readonly reserved?: ReservedNetns;
}

const processNetns = /^\/proc\/[1-9]\d*\/ns\/net$/;
const limits = { timeoutMs: 10_000, maxOutputBytes: 4_000_000 };

/** Network namespaces in the folders where runtimes and `ip netns` keep them, and those of processes. */
export class NetnsFolders {
  readonly #wrap: WrapProgram;
  readonly #see: (target: string) => string;
  readonly #reserved: ReservedNetns;

  constructor(
    /** In the order in which they are searched for a bare name. */
    private readonly folders: readonly string[],
    private readonly living: { judge(attachment: Attachment): Liveness },
    options: NetnsFoldersOptions = {},
  ) {
    this.#wrap = options.wrap ?? ((call) => call);
    this.#see = options.see ?? ((target) => target);
    this.#reserved = options.reserved ?? new ReservedNetns();
  }

  /**
   * Finds a namespace by its name in the folders or by its path.
   *
   * @returns its path; undefined when no namespace has the name
   * @throws NetworkError invalid for a path outside of the folders and `/proc/PID/ns/net`, or one of another file
   */
  find(nameOrPath: string): string | undefined {
    if (nameOrPath.includes('\0')) return undefined;
    return nameOrPath.includes('/') ? this.#findPath(nameOrPath) : this.#findName(nameOrPath);
  }

  judge(attachment: Attachment): Liveness {
    return this.living.judge(attachment);
  }

  /**
   * Holds the namespace that is at a path now, for the container that is about to be connected there.
   *
   * @returns undefined when no namespace is there
   * @throws NetworkError invalid for a namespace that no container has, and storage
   */
  hold(netns: string): HeldNetns | undefined {
    const held = HeldNetns.open(netns, this.#see(netns));
    const owner = held && this.#reserved.searchOwnerOf(held.id);
    if (owner === undefined) return held;
    held?.close();
    throw new NetworkError('netnsReserved', { netns, owner });
  }

  /** Names of the links inside, up or down. @throws NetworkError invalid, and storage when the program cannot be run */
  async links({ path: netns, descriptor }: Pick<HeldNetns, 'path' | 'descriptor'>): Promise<ReadonlySet<string>> {
    const args = ['--net=/proc/self/fd/3', '--', 'cat', '/proc/net/dev'];
    const call = this.#wrap({ file: 'nsenter', args }, netns);
    const outcome = await run(call.file, call.args, { ...limits, descriptors: [descriptor] });
    if (outcome.kind === 'ended' && outcome.exitCode === 0) return readLinkNames(outcome.stdout);
    // The host's fault, not that of the namespace or the client.
    if (outcome.kind === 'notStarted')
      throw new NetworkError('storageFailed', { operation: 'run', path: call.file, reason: outcome.reason });
    throw new NetworkError('netnsUnusable', { netns, reason: outcome.stderr.trim() || outcome.kind });
  }

  #isThere(netns: string): boolean {
    try {
      return isNamespace(this.#see(netns));
    } catch (error) {
      if (isShortage(error)) throw storageError('stat', netns, error);
      return false;
    }
  }

  #findName(name: string): string | undefined {
    if (name === '' || name === '.' || name === '..') return undefined;
    return this.folders.map((folder) => path.join(folder, name)).find((file) => this.#isThere(file));
  }

  #findPath(given: string): string | undefined {
    const refuse = (reason: string) => new NetworkError('netnsUnusable', { netns: given, reason });
    const isKnown =
      processNetns.test(given) || this.folders.some((folder) => given === path.join(folder, path.basename(given)));
    if (!isKnown || path.normalize(given) !== given || path.basename(given) === '..') {
      throw refuse(`namespaces are used from ${this.folders.join(', ')} and /proc/PID/ns/net`);
    }
    if (!fs.existsSync(this.#see(given))) return undefined;
    if (!this.#isThere(given)) throw refuse('it is no namespace');
    // `/var/run` leads to `/run`: one namespace has one name.
    return processNetns.test(given) ? given : path.join(fs.realpathSync(path.dirname(given)), path.basename(given));
  }
}

/** Names in `/proc/net/dev`: two lines of heading, then one line per link, as `  eth0: 1234 …`. */
function readLinkNames(table: string): ReadonlySet<string> {
  return new Set(
    table
      .split('\n')
      .slice(2)
      .flatMap((line) => /^ *(\S+):\s/.exec(line)?.[1] ?? []),
  );
}
