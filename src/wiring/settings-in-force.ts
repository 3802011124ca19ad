import { randomBytes } from 'node:crypto';
import { cutByIndex, poolsOfBlocks } from '../ip/blocks.js';
import type { Config } from '../config/config.js';
import { fleetAfterReload, poolsBesides } from '../config/fleet.js';
import type { Cidr } from '../model/address.js';
import type { FleetInForce, NetworkSettings, SettingsSource } from '../network/dependencies/settings.js';

/** The settings of networks that the latest good look at the files brought, with the blocks that this host has of its fleet. */
export class SettingsInForce implements SettingsSource {
  #current: NetworkSettings;
  #addresses: Config['addresses'];
  #fleet: Config['fleet'];
  #metrics: Config['metrics'];
  /** Of a host that claims them. */
  #claimed: readonly Cidr[] = [];

  /** The blocks of a host that claims them come by {@link replaceBlocks}; until then it has none. */
  constructor(private readonly config: Config) {
    this.#addresses = config.addresses;
    this.#fleet = config.fleet;
    this.#metrics = config.metrics;
    this.#current = this.#build();
  }

  get metrics(): Config['metrics'] {
    return this.#metrics;
  }

  get current(): NetworkSettings {
    return this.#current;
  }

  /** Puts what can change in force; all others stay. A new object, because what was computed from the old one hangs on it. */
  replace({ addresses, fleet, metrics }: Pick<Config, 'addresses' | 'fleet' | 'metrics'>): void {
    this.#addresses = addresses;
    this.#fleet = fleetAfterReload(this.#fleet, fleet);
    this.#metrics = metrics;
    this.#current = this.#build();
  }

  /** Puts the blocks of a host that claims them in force, in place of the former ones: subnets come from these alone, in the families of the fleet's pools. */
  replaceBlocks(own: readonly Cidr[]): void {
    this.#claimed = own;
    this.#current = this.#build();
  }

  /** The settings that would be in force with these blocks besides the own ones. */
  withBlocks(more: readonly Cidr[]): NetworkSettings {
    return this.#build([...this.#claimed, ...more]);
  }

  #build(claimed: readonly Cidr[] = this.#claimed): NetworkSettings {
    const { defaultNetwork, defaultSubnet } = this.config;
    const fleet = this.#buildFleet(claimed);
    const blocks = fleet === undefined ? [] : poolsOfBlocks(fleet.pools, fleet.own);
    return {
      defaultNetwork,
      defaultSubnet,
      ...this.#addresses,
      subnetPools: [...blocks, ...poolsBesides(this.#fleet, this.#addresses.subnetPools)],
      ...(fleet && { fleet }),
      random: (bytes) => randomBytes(bytes),
    };
  }

  #buildFleet(claimed: readonly Cidr[]): FleetInForce | undefined {
    const fleet = this.#fleet;
    if (fleet === undefined) return undefined;
    const { pools } = fleet;
    if (fleet.kind === 'store') return { pools, own: claimed, hostIndex: undefined };
    return { pools, own: cutByIndex(pools, fleet.hostIndex), hostIndex: fleet.hostIndex };
  }
}
