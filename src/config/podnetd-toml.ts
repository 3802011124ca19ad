import path from 'node:path';
import type { Cidr } from '../model/address.js';
import { ConfigError } from './config-error.js';
import type { Identity } from './identity.js';
import { deriveUla } from './machine-ula.js';
import { parsePodnetdToml, type AddressConf } from './podnetd-toml-file.js';
import { listDropIns, readSettingsFile } from './search-path.js';
import type { FilePlace } from './toml-document.js';

/** Where podnetd.toml and its drop-ins, `<path>.d/*.toml`, may lie, and the id of the machine. */
export interface OwnRoots {
  readonly admin: string;
  readonly user: string;
  readonly machineId: string;
}

export function defaultOwnRoots(identity: Identity): OwnRoots {
  return {
    admin: '/etc/podnetd/podnetd.toml',
    user: path.join(identity.configHome, 'podnetd/podnetd.toml'),
    machineId: '/etc/machine-id',
  };
}

/** As {@link AddressConf}, of all files together. */
export interface JoinedAddressConf extends AddressConf {
  /** Of the lists that {@link AddressConf.reserved} was joined from. */
  readonly reservedPlaces: readonly (() => FilePlace)[];
}

/**
 * Every podnetd.toml that counts for this user: later files win over earlier ones, key by key, and the reserved prefixes of all of them count.
 *
 * @param alone a file that takes the place of all others @throws ConfigError
 */
export function readPodnetdToml(
  alone: string | undefined,
  identity: Identity,
  roots: OwnRoots = defaultOwnRoots(identity),
): JoinedAddressConf {
  const read = (file: string) => {
    const text = readSettingsFile(file);
    return text === undefined ? undefined : parsePodnetdToml(file, text, () => findUla(roots.machineId));
  };
  if (alone !== undefined) return join([read(alone) ?? refuseMissing(alone)]);
  const ofAdmin = [roots.admin, ...listDropIns(roots.admin, '.toml')].flatMap((file) => read(file) ?? []);
  if (!identity.rootless) return join(ofAdmin);
  const ofUser = [roots.user, ...listDropIns(roots.user, '.toml')].flatMap((file) => read(file) ?? []);
  return join([...ofAdmin.map(withoutSockets), ...ofUser]);
}

function join(confs: readonly AddressConf[]): JoinedAddressConf {
  return {
    ...(Object.assign({}, ...confs) as AddressConf),
    places: Object.assign({}, ...confs.map(({ places }) => places)) as AddressConf['places'],
    reserved: confs.flatMap(({ reserved }) => reserved),
    reservedPlaces: confs.flatMap(({ places }) => places['addresses.reserved'] ?? []),
  };
}

/** Sockets of the administrator's file are those of root's podnetd. */
function withoutSockets({ sockets: _sockets, ...others }: AddressConf): AddressConf {
  return others;
}

function refuseMissing(file: string): never {
  throw new ConfigError(`--config ${file}: no such file; name one that is there, or leave --config out`, {
    place: { file, line: undefined },
  });
}

function findUla(file: string): Cidr {
  const id = readSettingsFile(file)?.trim();
  if (id === undefined) throw new Error(`there is no ${file}`);
  if (!/^[0-9a-f]{32}$/.test(id)) throw new Error(`${file} has no id of 32 hexadecimal digits`);
  return deriveUla(id);
}
