import type { SlirpOptions } from '../host/slirp4netns/process.js';
import type { SubnetPool } from '../ip/pools.js';
import type { Cidr } from '../model/address.js';
import type { FleetSettings } from './fleet.js';
import type { Identity } from './identity.js';
import type { ListenSocket } from './listen-socket.js';
import type { LogFormat } from './log-settings.js';
import type { TcpAddress } from './tcp-address.js';

/** Which subnets podnetd gives, besides those of a fleet. */
export interface AddressSettings {
  readonly reserved: readonly { readonly prefix: Cidr; readonly reason: string }[];
  /** Of both families; those of a family that the fleet has a pool of do not count. */
  readonly subnetPools: readonly SubnetPool[];
  readonly avoidRoutes: boolean;
  readonly avoidDnsServers: boolean;
}

/** How metrics are shown. */
export interface MetricsSettings {
  /** Where podnetd listens for scrapes over TCP; undefined: on its sockets alone. */
  readonly listen?: TcpAddress;
  /** Whether other machines may reach that address. */
  readonly remote: boolean;
  /** Whether each network has metrics of its own. */
  readonly perNetwork: boolean;
}

/** All settings in force. */
export interface Config {
  readonly listen: readonly ListenSocket[];
  readonly socketMode: number;
  readonly socketGroup?: string;
  /** 0 = never. */
  readonly idleTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly logLevel: string;
  readonly logFormat: LogFormat;
  readonly cniConfigDir: string;
  readonly cniPluginDirs: readonly string[];
  /** As libcni's CacheDir; it has `results`, and what podnetd keeps about attachments. */
  readonly cniCacheDir: string;
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  readonly addresses: AddressSettings;
  /** Undefined: this host shares no pools with others. */
  readonly fleet?: FleetSettings;
  /** Undefined: changes are not audited. */
  readonly audit?: { readonly file: string; readonly onFailure: 'refuse' | 'allow' };
  readonly metrics: MetricsSettings;
  /** Absolute path of the file that takes the place of podnetd.toml and its drop-ins. */
  readonly settingsFile?: string;
  /** Path of slirp4netns; the one in PATH when undefined. */
  readonly slirpPath?: string;
  readonly slirp: SlirpOptions;
  readonly identity: Identity;
  /** Worth a line of the log at the start. */
  readonly warnings: readonly string[];
}
