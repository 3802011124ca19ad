import type { Config } from './config.js';
import type { JoinedConf } from './containers-conf.js';
import type { PlacedList } from './containers-conf-file.js';
import type { FlagName } from './flags.js';
import type { JoinedAddressConf } from './podnetd-toml.js';
import type { FilePlace } from './toml-document.js';

export type SettingValue =
  string | number | boolean | readonly SettingValue[] | { readonly [key: string]: SettingValue };

/** A setting, and all places that may bring its value; the first in this order that has one wins. */
export interface Setting {
  readonly name: string;
  readonly value: (config: Config) => SettingValue | undefined;
  readonly flag?: FlagName;
  /** Table and name in podnetd.toml. */
  readonly ownKey?: string;
  /** Whether a reload puts it in force; of a fleet, as far as `fleetAfterReload` has it. */
  readonly isLive?: true;
  /** Table and name in containers.conf. */
  readonly key?: string;
  /** Whether the file's value counts: an empty string stands for the default. */
  readonly inFile?: (file: JoinedConf) => unknown;
  readonly lists?: (file: JoinedConf) => readonly PlacedList[];
  /** Whether the value of podnetd.toml stands beside another. */
  readonly joins?: (own: JoinedAddressConf) => boolean;
  /** The places of a list that all files make together. */
  readonly ownPlaces?: (own: JoinedAddressConf) => readonly (() => FilePlace)[];
  /** Variables from which the default of a user follows. */
  readonly variables?: readonly string[];
}
