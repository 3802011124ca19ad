import { randomBytes } from 'node:crypto';
import type { Config } from '../config/config.js';
import type { NetworkSettings, SettingsSource } from '../network/dependencies/settings.js';

/** The settings of networks that the latest good look at the files brought. */
export class SettingsInForce implements SettingsSource {
  #current: NetworkSettings;
  #metrics: Config['metrics'];

  constructor(private readonly config: Config) {
    this.#current = this.#build(config.addresses);
    this.#metrics = config.metrics;
  }

  get metrics(): Config['metrics'] {
    return this.#metrics;
  }

  get current(): NetworkSettings {
    return this.#current;
  }

  /** Puts what can change in force; all others stay. A new object, because what was computed from the old one hangs on it. */
  replace({ addresses, metrics }: Pick<Config, 'addresses' | 'metrics'>): void {
    this.#current = this.#build(addresses);
    this.#metrics = metrics;
  }

  #build(addresses: Config['addresses']): NetworkSettings {
    const { defaultNetwork, defaultSubnet } = this.config;
    return { defaultNetwork, defaultSubnet, ...addresses, random: (bytes) => randomBytes(bytes) };
  }
}
