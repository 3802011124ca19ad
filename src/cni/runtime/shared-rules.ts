import type { KernelLock } from '../../host/file-locks/kernel-lock.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import { KeyedQueue } from '../../model/keyed-queue.js';
import type { CallPlugin } from './chain.js';
import type { PluginCall } from './exec.js';

/**
 * Plugins that look for a rule of everybody's and add it if it is missing, without a lock around both: side by side they add it twice
 * (seen with portmap and firewall 1.1.1). Each iptables call alone waits for the lock of xtables.
 */
const sharing = new Set(['portmap', 'firewall', 'dnsname']);

/** Runs those plugins one after the other, those of other podnetds too, and all others side by side. */
export class SharedRulesGuard implements CallPlugin {
  readonly #turns = new KeyedQueue();
  /** The lock could not be had last time. */
  #isKept = false;

  constructor(
    private readonly exec: CallPlugin,
    private readonly lock: Pick<KernelLock, 'acquire' | 'release'>,
    /** A rule that is there twice is better than a container that is kept waiting by a process that hangs. */
    private readonly patienceMs: number,
  ) {}

  async call(call: PluginCall): Promise<JsonObject | undefined> {
    if (!sharing.has(call.plugin)) return await this.exec.call(call);
    return await this.#turns.run('rules', async () => await this.#callLocked(call));
  }

  async #callLocked(call: PluginCall): Promise<JsonObject | undefined> {
    const isLocked = await this.#acquire();
    try {
      return await this.exec.call(call);
    } finally {
      if (isLocked) this.lock.release();
    }
  }

  async #acquire(): Promise<boolean> {
    // Who was waited for in vain is not waited for again, by the other plugins of this container and by other containers.
    const patience = this.#isKept ? AbortSignal.abort() : AbortSignal.timeout(this.patienceMs);
    let isLocked = false;
    try {
      isLocked = await this.lock.acquire(patience);
    } catch (error) {
      if (!(error instanceof NetworkError && error.kind === 'busy')) throw error;
    }
    this.#isKept = !isLocked;
    return isLocked;
  }
}
