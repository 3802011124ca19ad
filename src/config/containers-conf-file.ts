import path from 'node:path';
import { parseCidr } from '../ip/cidr.js';
import type { SubnetPool } from '../ip/pools.js';
import type { Cidr } from '../model/address.js';
import { namePattern } from '../model/names.js';
import { readAttributedList, type AttributedList } from './attributed-list.js';
import { ContainersConf } from './containers-conf-schema.js';
import { readSlirpOptions } from './slirp-options.js';
import { formatPlace, formatTomlValue, readTomlDocument, type FilePlace, type Refuse } from './toml-document.js';
import type { ValuePath } from './toml-line.js';

/** A list and, because a search for its line takes long, a function that finds its place. */
export interface PlacedList extends AttributedList {
  readonly place: () => FilePlace;
}

/** The settings of a containers.conf. A field that is there but undefined takes back the setting of earlier files. */
export interface NetworkConf {
  /** Of each key that the file has, by table and name. */
  places: Readonly<Record<string, () => FilePlace>>;
  backend?: NamedBackend;
  cniConfigDir?: string | undefined;
  cniPluginDirs?: PlacedList;
  defaultNetwork?: string | undefined;
  defaultSubnet?: Cidr | undefined;
  subnetPools?: readonly SubnetPool[];
  slirpPath?: string | undefined;
  /** Checked one by one. */
  slirpOptions?: PlacedList;
}

/** The back end with which a Podman that reads the file makes networks. */
export interface NamedBackend {
  /** Empty: Podman chooses. */
  readonly name: string;
  /** File, line and key, for messages. */
  readonly place: string;
}

/**
 * An empty string means the default, as for Podman (source: containers/common libnetwork/network/interface.go and libnetwork/cni/network.go@v0.50.1).
 * DIVERGES: plugin folders need not exist yet; networks are made without them.
 *
 * @throws ConfigError
 */
export function parseContainersConf(file: string, text: string): NetworkConf {
  const { values, places, place, refuse } = readTomlDocument(file, text, ContainersConf);
  const { network = {}, engine = {} } = values;
  const conf: NetworkConf = { places };
  if (network.network_backend !== undefined) {
    conf.backend = { name: network.network_backend, place: formatPlace(place(['network', 'network_backend'])) };
  }
  if (network.network_config_dir !== undefined) {
    conf.cniConfigDir = unlessEmpty(network.network_config_dir, (dir) =>
      checkDir(dir, ['network', 'network_config_dir'], refuse),
    );
  }
  if (network.cni_plugin_dirs !== undefined) {
    const dirs = network.cni_plugin_dirs.map((item, index) =>
      typeof item === 'string' ? checkDir(item, ['network', 'cni_plugin_dirs', index], refuse) : item,
    );
    conf.cniPluginDirs = { ...readAttributedList(dirs), place: () => place(['network', 'cni_plugin_dirs']) };
  }
  if (network.default_network !== undefined) {
    conf.defaultNetwork = unlessEmpty(network.default_network, (name) => checkName(name, refuse));
  }
  if (network.default_subnet !== undefined) {
    conf.defaultSubnet = unlessEmpty(network.default_subnet, (subnet) => checkSubnet(subnet, refuse));
  }
  if (network.default_subnet_pools !== undefined) {
    conf.subnetPools = network.default_subnet_pools.map((pool, index) => checkPool(pool, index, refuse));
  }
  if (engine.network_cmd_path !== undefined) {
    conf.slirpPath = unlessEmpty(engine.network_cmd_path, (program) =>
      checkDir(program, ['engine', 'network_cmd_path'], refuse),
    );
  }
  if (engine.network_cmd_options !== undefined) {
    for (const [index, item] of engine.network_cmd_options.entries()) {
      if (typeof item === 'string')
        readSlirpOptions([item], (_index, problem) => refuse(['engine', 'network_cmd_options', index], problem));
    }
    conf.slirpOptions = {
      ...readAttributedList(engine.network_cmd_options),
      place: () => place(['engine', 'network_cmd_options']),
    };
  }
  return conf;
}

function checkDir(dir: string, valuePath: ValuePath, refuse: Refuse): string {
  if (!path.isAbsolute(dir) || dir.includes('\0')) refuse(valuePath, `${formatTomlValue(dir)} is not an absolute path`);
  return path.resolve(dir);
}

function checkName(name: string, refuse: Refuse): string {
  if (namePattern.test(name)) return name;
  return refuse(
    ['network', 'default_network'],
    `${formatTomlValue(name)} is not a network name: it must match ${namePattern.source}`,
  );
}

function checkSubnet(subnet: string, refuse: Refuse): Cidr {
  return parseCidr(subnet)?.cidr ?? refuse(['network', 'default_subnet'], `${formatTomlValue(subnet)} is not a CIDR`);
}

/** source: containers/common pkg/config/config.go@v0.50.1 (NetworkConfig.Validate) */
function checkPool(pool: { base: string; size: bigint }, index: number, refuse: Refuse): SubnetPool {
  const at = ['network', 'default_subnet_pools', index];
  const base = parseCidr(pool.base)?.cidr;
  if (base?.family !== 4) return refuse([...at, 'base'], `${formatTomlValue(pool.base)} is not an IPv4 CIDR`);
  const prefixBits = Number(pool.size);
  if (prefixBits < base.prefixBits) {
    refuse([...at, 'size'], `${prefixBits} is less than the prefix length of its base "${pool.base}"`);
  }
  return { base, prefixBits };
}

function unlessEmpty<T>(text: string, check: (text: string) => T): T | undefined {
  return text === '' ? undefined : check(text);
}
