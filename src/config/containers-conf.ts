import path from 'node:path';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { parse, TomlError } from 'smol-toml';
import { listConfFiles, readTextFile } from '../host/config-files.js';
import type { Identity } from '../host/identity.js';
import { parseCidr } from '../ip/cidr.js';
import type { SubnetPool } from '../ip/pools.js';
import { namePattern } from '../model/names.js';
import { ConfigError } from './config-error.js';
import { ContainersConf, type FileSettings } from './schema.js';
import { findKeyLine } from './toml-lines.js';

/** Where the files of the distribution and of the administrator lie. */
export interface ConfRoots {
  readonly vendor: string;
  readonly admin: string;
}

export const systemRoots: ConfRoots = {
  vendor: '/usr/share/containers/containers.conf',
  admin: '/etc/containers/containers.conf',
};

const checker = TypeCompiler.Compile(ContainersConf);

/**
 * Reads containers.conf in Podman's order: `CONTAINERS_CONF` alone when set, else vendor, administrator, its drop-ins, and for a user the
 * same under the user's own folder; last `CONTAINERS_CONF_OVERRIDE`. Later files win, key by key.
 *
 * source: containers/common pkg/config/config.go@v0.50.1 systemConfigs, v0.56 for the override
 *
 * @throws ConfigError
 */
export function readContainersConf(env: NodeJS.ProcessEnv, identity: Identity, roots = systemRoots): FileSettings {
  const files = [...listFiles(env, identity, roots), ...namedFile(env, 'CONTAINERS_CONF_OVERRIDE')];
  return Object.assign({}, ...files.map(readFile)) as FileSettings;
}

function listFiles(env: NodeJS.ProcessEnv, identity: Identity, roots: ConfRoots): readonly string[] {
  const named = namedFile(env, 'CONTAINERS_CONF');
  if (named.length > 0) return named;
  const bases = [roots.vendor, roots.admin];
  const user = path.join(identity.configHome, 'containers', 'containers.conf');
  const own = identity.rootless ? [user, ...dropIns(user)] : [];
  return [...bases, ...dropIns(roots.admin), ...own].filter((file) => readOrFail(file) !== undefined);
}

function dropIns(file: string): readonly string[] {
  try {
    return listConfFiles(`${file}.d`);
  } catch (error) {
    throw new ConfigError(`${file}.d: ${oneLine(error)}`);
  }
}

function namedFile(env: NodeJS.ProcessEnv, variable: string): readonly string[] {
  const file = env[variable];
  if (file === undefined || file === '') return [];
  if (readOrFail(file) === undefined) throw new ConfigError(`${variable}=${file}: no such file`);
  return [file];
}

function readOrFail(file: string): string | undefined {
  try {
    return readTextFile(file);
  } catch (error) {
    throw new ConfigError(`${file}: ${oneLine(error)}`);
  }
}

function readFile(file: string): FileSettings {
  const text = readOrFail(file) ?? '';
  const fail = (key: string, complaint: string): never => {
    const line = findKeyLine(text, key);
    throw new ConfigError(`${file}${line === undefined ? '' : `:${line}`}: ${key}: ${complaint}`);
  };
  const { network = {} } = check(parseToml(file, text), fail);
  return {
    ...(network.network_config_dir !== undefined && {
      cniConfigDir: checkFolder('network.network_config_dir', network.network_config_dir, fail),
    }),
    ...(network.cni_plugin_dirs !== undefined && {
      cniPluginDirs: network.cni_plugin_dirs.map((dir) => checkFolder('network.cni_plugin_dirs', dir, fail)),
    }),
    ...(network.default_network !== undefined && { defaultNetwork: checkName(network.default_network, fail) }),
    ...(network.default_subnet !== undefined && { defaultSubnet: checkSubnet(network.default_subnet, fail) }),
    ...(network.default_subnet_pools !== undefined && {
      subnetPools: network.default_subnet_pools.map((pool) => checkPool(pool, fail)),
    }),
  };
}

type Fail = (key: string, complaint: string) => never;

function parseToml(file: string, text: string): unknown {
  try {
    // An integer that is too large for us may concern somebody else.
    return parse(text, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    const place = error instanceof TomlError ? `${file}:${error.line}` : file;
    throw new ConfigError(`${place}: ${oneLine(error)}`, { cause: error });
  }
}

function check(value: unknown, fail: Fail): ContainersConf {
  if (checker.Check(value)) return value;
  const fault = checker.Errors(value).First();
  // `/network/default_subnet_pools/0/size` is the key default_subnet_pools of the file, or its member size.
  const key = (fault?.path ?? '')
    .slice(1)
    .split('/')
    .filter((part) => !/^\d+$/.test(part));
  return fail(key.join('.'), `${JSON.stringify(fault?.value) ?? 'nothing'}: ${fault?.message ?? 'invalid'}`);
}

function checkFolder(key: string, folder: string, fail: Fail): string {
  return path.isAbsolute(folder) ? path.normalize(folder) : fail(key, `"${folder}" is not an absolute path`);
}

function checkName(name: string, fail: Fail): string {
  return namePattern.test(name) ? name : fail('network.default_network', `"${name}" is not a valid network name`);
}

function checkSubnet(text: string, fail: Fail): NonNullable<FileSettings['defaultSubnet']> {
  const cidr = parseCidr(text)?.cidr;
  return cidr ?? fail('network.default_subnet', `"${text}" is not a CIDR`);
}

/** source: containers/common pkg/config/config.go@v0.50.1 NetworkConfig.Validate */
function checkPool({ base, size }: { base: string; size: number }, fail: Fail): SubnetPool {
  const key = 'network.default_subnet_pools';
  const cidr = parseCidr(base)?.cidr ?? fail(key, `base "${base}" is not a CIDR`);
  if (cidr.family !== 4) fail(key, `base "${base}" is not IPv4`);
  if (size < 1 || size > 32) fail(key, `size ${size} is not between 1 and 32`);
  if (size < cidr.prefixBits) fail(key, `size ${size} is larger than the base "${base}"`);
  return { base: cidr, prefixBits: size };
}

function oneLine(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return first.replace(/^Invalid TOML document: /, '');
}
