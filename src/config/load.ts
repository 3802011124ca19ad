import path from 'node:path';
import type { Environment, Identity } from './identity.js';
import { makeCidr } from '../ip/cidr.js';
import { maxSocketPathBytes } from '../host/sockets/socket-path.js';
import type { Flags } from './flags.js';
import { joinAddresses } from './addresses.js';
import { joinLists } from './attributed-list.js';
import { ConfigError } from './config-error.js';
import { defaultRoots, readContainersConf, type ConfRoots, type JoinedConf } from './containers-conf.js';
import type { NamedBackend } from './containers-conf-file.js';
import type { Config } from './config.js';
import { joinFleet } from './join-fleet.js';
import { joinMetrics } from './metrics.js';
import { defaultPluginDirs } from './containers-conf-schema.js';
import { defaultOwnRoots, readPodnetdToml, type JoinedAddressConf, type OwnRoots } from './podnetd-toml.js';
import type { ListenSocket } from './listen-socket.js';
import { readSlirpOptions } from './slirp-options.js';

/** Where the files lie. */
export interface Roots {
  readonly containersConf: ConfRoots;
  readonly podnetdToml: OwnRoots;
}

const defaultNetwork = 'podman';
/** 10.88.0.0/16 */
const defaultSubnet = makeCidr({ family: 4, value: 0x0a580000n }, 16);

/** The files of settings, as they are now. */
export interface ReadFiles {
  readonly containersConf: JoinedConf;
  readonly podnetdToml: JoinedAddressConf;
}

/** @throws ConfigError */
export function readFiles(flags: Flags, env: Environment, identity: Identity, roots?: Partial<Roots>): ReadFiles {
  return {
    containersConf: readContainersConf(env, identity, roots?.containersConf ?? defaultRoots(identity)),
    podnetdToml: readPodnetdToml(flags.config, identity, roots?.podnetdToml ?? defaultOwnRoots(identity)),
  };
}

/** Flags win over files, which win over Podman's defaults. @throws ConfigError */
export function loadConfig(flags: Flags, env: Environment, identity: Identity, roots?: Partial<Roots>): Config {
  return buildConfig(flags, readFiles(flags, env, identity, roots), identity);
}

/** @throws ConfigError */
export function buildConfig(flags: Flags, files: ReadFiles, identity: Identity): Config {
  const { containersConf: file, podnetdToml } = files;
  const named = {
    defaultNetwork: file.defaultNetwork ?? defaultNetwork,
    defaultSubnet: file.defaultSubnet ?? defaultSubnet,
  };
  const { fleet, warnings: fleetWarnings } = joinFleet(podnetdToml, {
    ...named,
    stateFile: defaultStateFile(identity),
  });
  const config: Config = {
    listen: flags.listen.length > 0 ? flags.listen : (ofFiles(podnetdToml) ?? [{ path: defaultSocket(identity) }]),
    socketMode: flags.socketMode,
    ...(flags.socketGroup !== undefined && { socketGroup: flags.socketGroup }),
    idleTimeoutMs: flags.idleTimeoutMs,
    lockTimeoutMs: flags.lockTimeoutMs,
    logLevel: flags.logLevel,
    logFormat: flags.logFormat,
    cniConfigDir: flags.cniConfigDir ?? file.cniConfigDir ?? defaultConfigDir(identity),
    cniPluginDirs:
      flags.cniPluginDirs.length > 0 ? flags.cniPluginDirs : joinLists(file.cniPluginDirs, defaultPluginDirs),
    cniCacheDir: flags.cniCacheDir ?? defaultCacheDir(identity),
    ...named,
    addresses: joinAddresses(podnetdToml, file.subnetPools, fleet),
    ...(fleet && { fleet }),
    ...(podnetdToml.auditFile !== undefined && {
      audit: { file: podnetdToml.auditFile, onFailure: podnetdToml.auditOnFailure ?? 'refuse' },
    }),
    metrics: joinMetrics(flags, podnetdToml),
    ...(flags.config !== undefined && { settingsFile: flags.config }),
    ...(file.slirpPath !== undefined && { slirpPath: file.slirpPath }),
    slirp: readSlirpOptions(joinLists(file.slirpOptions, []), (_index, problem) => {
      // Each was checked in its file.
      throw new TypeError(problem);
    }),
    identity,
    warnings: [...warnOfBackend(file.backend), ...fleetWarnings],
  };
  // A clone, so that constants and the caller's identity are not frozen with it.
  return freezeDeeply(structuredClone(config));
}

function ofFiles({ sockets }: JoinedAddressConf): readonly ListenSocket[] | undefined {
  // Without their places, which are functions.
  return sockets?.map(({ place: _place, ...socket }) => socket);
}

function defaultSocket(identity: Identity): string {
  const socket = path.join(identity.runtimeDir, 'podnetd', 'podnetd.sock');
  const bytes = Buffer.byteLength(socket);
  if (bytes <= maxSocketPathBytes) return socket;
  throw new ConfigError(
    `${socket}: the path has ${bytes} bytes, a socket's has at most ${maxSocketPathBytes}; give another with --listen`,
  );
}

/** Networks of another back end are in files of its own. source: containers/common libnetwork/network/interface.go@v0.50.1 */
function warnOfBackend(backend: NamedBackend | undefined): readonly string[] {
  if (backend === undefined || ['', 'cni'].includes(backend.name)) return [];
  const { place, name } = backend;
  return [
    `${place}: a Podman with the back end ${JSON.stringify(name)} does not see networks of podnetd, which are CNI's; where it should, the value must be "cni"`,
  ];
}

function defaultConfigDir(identity: Identity): string {
  return identity.rootless ? path.join(identity.configHome, 'cni', 'net.d') : '/etc/cni/net.d';
}

/** Plugins have no other default; those of a user see a folder of the user's own as /var. */
function defaultCacheDir({ rootless, runtimeDir }: Identity): string {
  return path.join(rootless ? path.join(runtimeDir, 'rootless-cni') : '/', 'var/lib/cni');
}

function defaultStateFile({ rootless, stateHome }: Identity): string {
  return path.join(rootless ? stateHome : '/var/lib', 'podnetd/fleet.json');
}

function freezeDeeply<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freezeDeeply(part as object);
  return Object.freeze(value);
}
