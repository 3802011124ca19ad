import { NetworkError } from '../model/errors/errors.js';
import type { NetworkWriter } from './dependencies/draft.js';
import type { PluginFinder } from './dependencies/plugins.js';
import type { NetworkReader } from './dependencies/stored-network.js';

/** What podnetd needs in order to do what it is asked for. */
export type Need = 'folder' | 'lock' | 'plugins' | 'socket';

export interface Finding {
  readonly need: Need;
  /** Why it cannot be had; undefined when it can. */
  readonly reason: string | undefined;
  /** For an operator; undefined where there is none, and where the reason ends with it. */
  readonly remedy: string | undefined;
}

type Obstacle = Pick<Finding, 'remedy'> & { readonly reason: string };

/** Whoever asks whether podnetd is ready waits no longer; health checks give up after a few seconds. */
const lockWaitMs = 2_000;

/** Of every bridge network that podnetd or Podman makes. */
const neededPlugins = ['bridge', 'host-local', 'portmap', 'firewall', 'tuning'];

export interface ReadinessParts {
  readonly reader: Pick<NetworkReader, 'list'>;
  readonly writer: NetworkWriter;
  readonly plugins: PluginFinder;
  /** Why files of the folder can be neither made nor removed, where that can be told without trying. */
  hindrance(): string | undefined;
  /** Why clients do not find podnetd's socket: who asks came by another one, or was there before. */
  socketProblem(): string | undefined;
}

/** Finds out by trying: a list, an empty change, a look for the plugins. */
export class Readiness {
  /** One for all who ask meanwhile, so that they do not queue up behind a lock that is never let go. */
  #lockProbe: Promise<Obstacle | undefined> | undefined;

  constructor(private readonly parts: ReadinessParts) {}

  /** Makes the folder and its lock file if they are missing, as a create does, unless `lock` is not asked for. */
  async look(wanted: readonly Need[]): Promise<readonly Finding[]> {
    const ask = async (need: Need) => {
      const obstacle = await this.#ask(need);
      return { need, reason: obstacle?.reason, remedy: obstacle?.remedy };
    };
    return await Promise.all(wanted.map(ask));
  }

  async #ask(need: Need): Promise<Obstacle | undefined> {
    switch (need) {
      case 'folder':
        return (await obstacleOf(this.parts.reader.list())) ?? withoutRemedy(this.parts.hindrance());
      case 'lock':
        return await this.#tryLock();
      case 'plugins':
        return withoutRemedy(this.#missingPlugins());
      case 'socket':
        return withoutRemedy(this.parts.socketProblem());
    }
  }

  async #tryLock(): Promise<Obstacle | undefined> {
    this.#lockProbe ??= obstacleOf(this.parts.writer.run(() => () => undefined)).finally(() => {
      this.#lockProbe = undefined;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Obstacle | undefined>((resolve) => {
      timer = setTimeout(() => resolve(withoutRemedy(`not had within ${lockWaitMs} ms: others hold it`)), lockWaitMs);
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

function withoutRemedy(reason: string | undefined): Obstacle | undefined {
  return reason === undefined ? undefined : { reason, remedy: undefined };
}

/** @returns the refusal; undefined when it succeeds */
async function obstacleOf(attempt: Promise<unknown>): Promise<Obstacle | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof NetworkError) return { reason: error.message, remedy: error.remedy };
    throw error;
  }
}
