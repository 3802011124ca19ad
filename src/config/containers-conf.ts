import path from 'node:path';
import type { Environment, Identity } from './identity.js';
import { ConfigError } from './config-error.js';
import { parseContainersConf } from './containers-conf-file.js';
import type { NetworkConf, PlacedList } from './containers-conf-file.js';
import { listDropIns, readSettingsFile } from './search-path.js';
import type { FilePlace } from './toml-document.js';

/** Where containers.conf may lie; `admin` and `user` also have a folder of drop-ins, `<path>.d`. */
export interface ConfRoots {
  readonly vendor: string;
  readonly admin: string;
  readonly user: string;
}

export function defaultRoots(identity: Identity): ConfRoots {
  return {
    vendor: '/usr/share/containers/containers.conf',
    admin: '/etc/containers/containers.conf',
    user: path.join(identity.configHome, 'containers/containers.conf'),
  };
}

/** As {@link NetworkConf}, of all files together; lists in the order of their files. */
export interface JoinedConf extends Omit<NetworkConf, 'cniPluginDirs' | 'slirpOptions'> {
  readonly cniPluginDirs: readonly PlacedList[];
  readonly slirpOptions: readonly PlacedList[];
  /** Of the last file that has the key. */
  readonly places: Readonly<Record<string, () => FilePlace>>;
}

/**
 * Every containers.conf that counts for this user, later files over earlier ones, field by field.
 * source: containers/common pkg/config/config.go@v0.50.1 (systemConfigs); the override: the same @v0.52.0
 *
 * @throws ConfigError
 */
export function readContainersConf(
  env: Environment,
  identity: Identity,
  roots: ConfRoots = defaultRoots(identity),
): JoinedConf {
  const alone = readNamed(env, 'CONTAINERS_CONF');
  const override = readNamed(env, 'CONTAINERS_CONF_OVERRIDE');
  const confs = alone === undefined ? [...readSearchPath(identity, roots)] : [alone];
  if (override !== undefined) confs.push(override);
  return {
    ...(Object.assign({}, ...confs) as NetworkConf),
    cniPluginDirs: confs.flatMap((conf) => conf.cniPluginDirs ?? []),
    slirpOptions: confs.flatMap((conf) => conf.slirpOptions ?? []),
    places: Object.assign({}, ...confs.map((conf) => conf.places)) as JoinedConf['places'],
  };
}

function readSearchPath(identity: Identity, roots: ConfRoots): readonly NetworkConf[] {
  const files = [roots.vendor, roots.admin, ...listDropIns(roots.admin, '.conf')];
  if (identity.rootless) files.push(roots.user, ...listDropIns(roots.user, '.conf'));
  return files.flatMap((file) => readConf(file) ?? []);
}

/** @param variable of the environment, which names a file that must be there */
function readNamed(env: Environment, variable: string): NetworkConf | undefined {
  const file = env[variable];
  if (file === undefined || file === '') return undefined;
  return readConf(file) ?? refuseMissing(variable, file);
}

function readConf(file: string): NetworkConf | undefined {
  const text = readSettingsFile(file);
  return text === undefined ? undefined : parseContainersConf(file, text);
}

function refuseMissing(variable: string, file: string): never {
  throw new ConfigError(`${variable}=${file}: no such file; name one that is there, or unset ${variable}`, {
    place: { file, line: undefined },
  });
}
