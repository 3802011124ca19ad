import { NetworkError } from '../model/errors.js';
import type { NetworkWriter } from './dependencies/draft.js';
import type { PluginFinder } from './dependencies/plugins.js';
import type { NetworkReader } from './dependencies/stored-network.js';

/** A need of podnetd for its work. */
export type Need = 'folder' | 'lock' | 'plugins' | 'socket';

export interface Finding {
  readonly need: Need;
  /** Why the need is not met; undefined when it is. */
  readonly reason: string | undefined;
}

/** The longest wait of a readiness request for the lock, because health checks give up after a few seconds. */
const lockWaitMs = 2_000;

/** Plugins of every bridge network that podnetd or Podman makes. */
const neededPlugins = ['bridge', 'host-local', 'portmap', 'firewall', 'tuning'];

export interface ReadinessParts {
  readonly reader: Pick<NetworkReader, 'list'>;
  readonly writer: NetworkWriter;
  readonly plugins: PluginFinder;
  /** Why files of the folder can be neither made nor removed, as far as podnetd knows without trying. */
  hindrance(): string | undefined;
  /** Why new clients do not find podnetd's socket; the client that asks came by another one, or earlier. */
  socketProblem(): string | undefined;
}

/** Checks the needs by trying: a list, an empty change, a look for the plugins. */
export class Readiness {
  /** One probe for all concurrent requests, so that they do not queue up behind a lock that is never released. */
  #lockProbe: Promise<string | undefined> | undefined;

  constructor(private readonly parts: ReadinessParts) {}

  /** One finding a need. The need `lock` makes the folder and its lock file if they are missing, as a create does. */
  async look(wanted: readonly Need[]): Promise<readonly Finding[]> {
    return await Promise.all(wanted.map(async (need) => ({ need, reason: await this.#ask(need) })));
  }

  async #ask(need: Need): Promise<string | undefined> {
    switch (need) {
      case 'folder':
        return (await reasonOf(this.parts.reader.list())) ?? this.parts.hindrance();
      case 'lock':
        return await this.#tryLock();
      case 'plugins':
        return this.#missingPlugins();
      case 'socket':
        return this.parts.socketProblem();
    }
  }

  async #tryLock(): Promise<string | undefined> {
    this.#lockProbe ??= reasonOf(this.parts.writer.run(() => () => undefined)).finally(() => {
      this.#lockProbe = undefined;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`not had within ${lockWaitMs} ms: others hold it`), lockWaitMs);
    });
    try {
      return await Promise.race([this.#lockProbe, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #missingPlugins(): string | undefined {
    const missing = neededPlugins.filter((plugin) => !this.parts.plugins.has(plugin));
    if (missing.length === 0) return undefined;
    return `no ${missing.join(', ')} in the plugin folders: no container can be connected; install the CNI plugins, or name their folder with --cni-plugin-dir`;
  }
}

/** @returns the message of the failure; undefined on success */
async function reasonOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof NetworkError) return error.message;
    throw error;
  }
}
