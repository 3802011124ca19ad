import type { KernelLock } from '../../host/file-locks/kernel-lock.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import { KeyedQueue } from '../../model/keyed-queue.js';
import type { CallPlugin } from './chain.js';
import type { PluginCall } from './exec.js';

/**
 * Plugins that look for a rule that all share and add it if it is missing, without a lock around both. Side by side they add it twice (seen with
 * portmap and firewall 1.1.1), because the lock of xtables covers each iptables call alone.
 */
const sharing = new Set(['portmap', 'firewall', 'dnsname']);

/** Runs plugins with shared rules one after the other, also across podnetds, and all others side by side. */
export class SharedRulesGuard implements CallPlugin {
  readonly #queue = new KeyedQueue();
  /** The last wait for the lock was in vain. */
  #isKept = false;

  constructor(
    private readonly exec: CallPlugin,
    private readonly lock: Pick<KernelLock, 'acquire' | 'release'>,
    /** The longest wait for the lock, because a doubled rule is better than a container that waits for a process that hangs. */
    private readonly patienceMs: number,
  ) {}

  async call(call: PluginCall): Promise<JsonObject | undefined> {
    if (!sharing.has(call.plugin)) return await this.exec.call(call);
    return await this.#queue.run('rules', async () => await this.#callLocked(call));
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
    // After a wait in vain the next plugins do not wait, so that a process that hangs delays no other container.
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
