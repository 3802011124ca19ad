import path from 'node:path';
import { ConfigError } from './config-error.js';
import type { FleetConf } from './fleet-file.js';
import type { Identity } from './identity.js';
import { deriveHost, deriveUla } from './machine-ids.js';
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
  /** The id of this host in a fleet, where no file has one. @throws Error whose message says why there is none */
  readonly findHost: () => string;
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
  const findId = () => readMachineId(roots.machineId);
  const read = (file: string) => {
    const text = readSettingsFile(file);
    return text === undefined ? undefined : parsePodnetdToml(file, text, () => deriveUla(findId()));
  };
  const join = (confs: readonly AddressConf[]) => joinConfs(confs, () => deriveHost(findId(), identity));
  if (alone !== undefined) return join([read(alone) ?? refuseMissing(alone)]);
  const ofAdmin = [roots.admin, ...listDropIns(roots.admin, '.toml')].flatMap((file) => read(file) ?? []);
  if (!identity.rootless) return join(ofAdmin);
  const ofUser = [roots.user, ...listDropIns(roots.user, '.toml')].flatMap((file) => read(file) ?? []);
  return join([...ofAdmin.map(withoutRootsOwn), ...ofUser]);
}

function joinConfs(confs: readonly AddressConf[], findHost: () => string): JoinedAddressConf {
  const fleets = confs.flatMap(({ fleet }) => fleet ?? []);
  return {
    ...(Object.assign({}, ...confs) as AddressConf),
    places: Object.assign({}, ...confs.map(({ places }) => places)) as AddressConf['places'],
    reserved: confs.flatMap(({ reserved }) => reserved),
    reservedPlaces: confs.flatMap(({ places }) => places['addresses.reserved'] ?? []),
    ...(fleets.length > 0 && { fleet: Object.assign({}, ...fleets) as FleetConf }),
    findHost,
  };
}

/** Sockets and blocks of the administrator's file are those of root's podnetd. */
function withoutRootsOwn({ sockets: _sockets, fleet: _fleet, places, ...others }: AddressConf): AddressConf {
  return { ...others, places: Object.fromEntries(Object.entries(places).filter(([key]) => !key.startsWith('fleet.'))) };
}

function refuseMissing(file: string): never {
  throw new ConfigError(`--config ${file}: no such file; name one that is there, or leave --config out`, {
    place: { file, line: undefined },
  });
}

function readMachineId(file: string): string {
  const id = readSettingsFile(file)?.trim();
  if (id === undefined) throw new Error(`there is no ${file}`);
  if (!/^[0-9a-f]{32}$/.test(id)) throw new Error(`${file} has no id of 32 hexadecimal digits`);
  return id;
}
