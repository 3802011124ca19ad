import type { JsonObject } from '../model/json-object.js';
import type { CallPlugin } from './chain.js';
import type { PluginCall } from './exec.js';

/**
 * Plugins that look for a rule of everybody's and add it if it is missing, without a lock around both: side by side they add it twice
 * (seen with portmap 1.1.1 in fifty chains). Each iptables call alone waits for the lock of xtables.
 */
const sharing = new Set(['portmap', 'firewall', 'dnsname']);

/** Runs those plugins one after the other, and all others side by side. */
export class SharedRulesGuard implements CallPlugin {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly exec: CallPlugin) {}

  async call(call: PluginCall): Promise<JsonObject | undefined> {
    if (!sharing.has(call.plugin)) return await this.exec.call(call);
    const turn = this.#last.then(async () => await this.exec.call(call));
    this.#last = turn.catch(() => undefined);
    return await turn;
  }
}
