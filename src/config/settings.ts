import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { formatCidr } from '../ip/cidr.js';
import { findCounting } from './attributed-list.js';
import type { Config } from './config.js';
import type { ReadFiles } from './load.js';
import { fleetAfterReload, poolsBesides } from './fleet.js';
import { fleetSettings } from './fleet-settings.js';
import type { Environment } from './identity.js';
import type { GivenOptions } from './option.js';
import { formatListenSocket, formatMode } from './listen-socket.js';
import type { Setting, SettingValue } from './setting.js';
import { formatSlirpOptions } from './slirp-options.js';
import { formatTcpAddress } from './tcp-address.js';
import type { FilePlace } from './toml-document.js';

/** What brought a setting its value. */
export type Origin =
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'environment'; readonly variable: string }
  | ({ readonly kind: 'file' } & FilePlace)
  | { readonly kind: 'default' };

export interface SettingInForce {
  readonly name: string;
  /** Undefined: podnetd finds the value when it needs it, as with a program in PATH. */
  readonly value: SettingValue | undefined;
  /** More than one for a list to which several files append. */
  readonly origins: readonly Origin[];
}

const milliseconds = 1_000;

const settings: readonly Setting[] = [
  {
    name: 'listen',
    value: ({ listen }) => listen.map(formatListenSocket),
    flag: 'listen',
    ownPlaces: ({ sockets = [] }) => sockets.map(({ place }) => place),
    variables: ['XDG_RUNTIME_DIR'],
  },
  {
    name: 'cni-config-dir',
    value: ({ cniConfigDir }) => cniConfigDir,
    flag: 'cni-config-dir',
    key: 'network.network_config_dir',
    inFile: ({ cniConfigDir }) => cniConfigDir,
    variables: ['XDG_CONFIG_HOME', 'HOME'],
  },
  {
    name: 'cni-plugin-dirs',
    value: ({ cniPluginDirs }) => cniPluginDirs,
    flag: 'cni-plugin-dir',
    lists: ({ cniPluginDirs }) => cniPluginDirs,
  },
  {
    name: 'cni-cache-dir',
    value: ({ cniCacheDir }) => cniCacheDir,
    flag: 'cni-cache-dir',
    variables: ['XDG_RUNTIME_DIR'],
  },
  { name: 'idle-timeout', value: ({ idleTimeoutMs }) => idleTimeoutMs / milliseconds, flag: 'idle-timeout' },
  { name: 'socket-mode', value: ({ socketMode }) => formatMode(socketMode), flag: 'socket-mode' },
  { name: 'socket-group', value: ({ socketGroup }) => socketGroup, flag: 'socket-group' },
  { name: 'lock-timeout', value: ({ lockTimeoutMs }) => lockTimeoutMs / milliseconds, flag: 'lock-timeout' },
  { name: 'config', value: ({ settingsFile }) => settingsFile, flag: 'config' },
  { name: 'log-level', value: ({ logLevel }) => logLevel, flag: 'log-level' },
  { name: 'log-format', value: ({ logFormat }) => logFormat, flag: 'log-format' },
  {
    name: 'default-network',
    value: ({ defaultNetwork }) => defaultNetwork,
    key: 'network.default_network',
    inFile: ({ defaultNetwork }) => defaultNetwork,
  },
  {
    name: 'default-subnet',
    value: ({ defaultSubnet }) => formatCidr(defaultSubnet),
    key: 'network.default_subnet',
    inFile: ({ defaultSubnet }) => defaultSubnet,
  },
  {
    name: 'subnet-pools',
    value: ({ addresses, fleet }) =>
      poolsBesides(fleet, addresses.subnetPools).map(({ base, prefixBits }) => ({
        base: formatCidr(base),
        size: prefixBits,
      })),
    ownKey: 'addresses.subnet_pools',
    isLive: true,
    key: 'network.default_subnet_pools',
    inFile: ({ subnetPools }) => subnetPools,
    // Pools of IPv6 alone leave those of IPv4 to the others.
    joins: (own) => own.subnetPools?.every(({ base }) => base.family === 6) === true,
  },
  {
    name: 'reserved',
    value: ({ addresses }) => addresses.reserved.map(({ prefix, reason }) => ({ subnet: formatCidr(prefix), reason })),
    ownPlaces: ({ reservedPlaces }) => reservedPlaces,
    isLive: true,
  },
  {
    name: 'avoid-routes',
    value: ({ addresses }) => addresses.avoidRoutes,
    ownKey: 'addresses.avoid_routes',
    isLive: true,
  },
  {
    name: 'avoid-dns-servers',
    value: ({ addresses }) => addresses.avoidDnsServers,
    ownKey: 'addresses.avoid_dns_servers',
    isLive: true,
  },
  ...fleetSettings,
  { name: 'audit-file', value: ({ audit }) => audit?.file, ownKey: 'audit.file' },
  { name: 'audit-on-failure', value: ({ audit }) => audit?.onFailure, ownKey: 'audit.on_failure' },
  {
    name: 'metrics-listen',
    value: ({ metrics: { listen } }) => listen && formatTcpAddress(listen),
    flag: 'metrics-listen',
    ownKey: 'metrics.listen',
  },
  { name: 'metrics-remote', value: ({ metrics }) => metrics.remote, ownKey: 'metrics.remote' },
  {
    name: 'metrics-per-network',
    value: ({ metrics }) => metrics.perNetwork,
    ownKey: 'metrics.per_network',
    isLive: true,
  },
  {
    name: 'slirp4netns-path',
    value: ({ slirpPath }) => slirpPath,
    key: 'engine.network_cmd_path',
    inFile: ({ slirpPath }) => slirpPath,
  },
  {
    name: 'slirp4netns-options',
    value: ({ slirp }) => formatSlirpOptions(slirp),
    lists: ({ slirpOptions }) => slirpOptions,
  },
];

/** Where the settings of a config come from. */
export interface Sources {
  readonly given: GivenOptions;
  readonly files: ReadFiles;
  readonly env: Environment;
}

/** All settings in force, in a fixed order. */
export function describeSettings(config: Config, sources: Sources): readonly SettingInForce[] {
  return settings.map((setting) => ({
    name: setting.name,
    value: setting.value(config),
    origins: findOrigins(setting, config, sources),
  }));
}

/** Names of the settings that differ, by whether a reload puts them in force or a restart; some may be both, as pools that depend on a fleet. */
export function compareSettings(
  before: Config,
  after: Config,
): { readonly live: readonly string[]; readonly atStart: readonly string[] } {
  const { fleet: _read, ...others } = after;
  const fleet = fleetAfterReload(before.fleet, after.fleet);
  const reloaded: Config = { ...others, ...(fleet && { fleet }) };
  const namesWhere = (differs: (setting: Setting) => boolean) => settings.filter(differs).map(({ name }) => name);
  return {
    live: namesWhere(({ value, isLive }) => isLive === true && !isDeepStrictEqual(value(before), value(reloaded))),
    atStart: namesWhere(
      ({ value, isLive }) => !isDeepStrictEqual(value(isLive === true ? reloaded : before), value(after)),
    ),
  };
}

function findOrigins(setting: Setting, config: Config, { given, files, env }: Sources): readonly Origin[] {
  const { containersConf: file, podnetdToml: own } = files;
  const { flag, key, inFile, lists, variables = [], ownKey, ownPlaces, joins } = setting;
  if (flag !== undefined && given.has(flag)) return [{ kind: 'flag', flag: `--${flag}` }];
  if (lists !== undefined) {
    const { counting, withDefaults } = findCounting(lists(file));
    const ofFiles = counting.map(({ place }): Origin => ({ kind: 'file', ...place() }));
    return withDefaults ? [{ kind: 'default' }, ...ofFiles] : ofFiles;
  }
  if (ownPlaces !== undefined) {
    const places = ownPlaces(own).map((find): Origin => ({ kind: 'file', ...find() }));
    if (places.length > 0) return places;
  }
  const ownPlace = ownKey === undefined ? undefined : own.places[ownKey];
  const ofOwn: readonly Origin[] = ownPlace === undefined ? [] : [{ kind: 'file', ...ownPlace() }];
  if (ownPlace !== undefined && joins?.(own) !== true) return ofOwn;
  const place = key === undefined ? undefined : file.places[key];
  if (place !== undefined && inFile?.(file) !== undefined) return [...ofOwn, { kind: 'file', ...place() }];
  const variable = variables.find((name) => path.isAbsolute(env[name] ?? ''));
  // No value follows from a variable where there is none, as without a fleet.
  const isOfVariable = config.identity.rootless && setting.value(config) !== undefined;
  return [...ofOwn, isOfVariable && variable !== undefined ? { kind: 'environment', variable } : { kind: 'default' }];
}
