import { accountName, findProgram, judgeDevice } from '../host/programs/find-program.js';
import { isOwnFolder, readSmallFile } from '../host/files/user-folder.js';
import { NetworkError } from '../model/errors/errors.js';
import { mapSubordinateIds, type IdMapping } from './subordinate-ids.js';

/** Checks of what a user's networks need, each of which says how to come by what is missing. */

export function requireRuntimeDir(runtimeDir: string, euid: number): void {
  if (isOwnFolder(runtimeDir, euid)) return;
  throw unready(
    'XDG_RUNTIME_DIR',
    `${runtimeDir} is no folder of user ${euid}`,
    'log in in a way that systemd-logind sees, run `loginctl enable-linger`, or set XDG_RUNTIME_DIR to a folder of your own',
  );
}

/** @returns its path */
export function requireSlirp(configured: string | undefined): string {
  const found = findProgram(configured ?? 'slirp4netns');
  if (found !== undefined) return found;
  throw configured === undefined
    ? unready(
        'slirp4netns',
        'it is not in PATH',
        'install the package slirp4netns, or set network_cmd_path in containers.conf',
      )
    : unready('slirp4netns', `${configured} cannot be executed`, 'correct network_cmd_path in containers.conf');
}

export function requireTun(device = '/dev/net/tun'): void {
  const problem = judgeDevice(device);
  if (problem === undefined) return;
  throw unready(
    device,
    problem,
    `as root, run \`modprobe tun\`${problem === 'it is not there' ? '' : ` and \`chmod 0666 ${device}\``}`,
  );
}

export function requireNamespaceTools(): void {
  for (const program of ['unshare', 'nsenter', 'mount']) {
    if (findProgram(program) === undefined) {
      throw unready(program, 'it is not in PATH', 'install the packages util-linux and mount');
    }
  }
}

/** source: namespaces(7), "The /proc/sys/user directory"; unprivileged_userns_clone is Debian's, up to 10 */
const userNamespaceSettings = [
  ['user.max_user_namespaces', '/proc/sys/user/max_user_namespaces', '15000'],
  ['kernel.unprivileged_userns_clone', '/proc/sys/kernel/unprivileged_userns_clone', '1'],
] as const;

export function requireUserNamespaces(): void {
  for (const [setting, file, value] of userNamespaceSettings) {
    if (readSmallFile(file)?.trim() !== '0') continue;
    throw unready('user namespaces', `${setting} is 0`, `as root, run \`sysctl ${setting}=${value}\``);
  }
}

export interface IdMappings {
  readonly users: readonly IdMapping[];
  readonly groups: readonly IdMapping[];
}

/** For a user namespace of our own. */
export function requireIdMappings(euid: number, egid: number): IdMappings {
  for (const program of ['newuidmap', 'newgidmap']) {
    if (findProgram(program) === undefined) {
      throw unready(
        program,
        'it is not in PATH',
        'install the package uidmap (Debian, Ubuntu) or shadow-utils (Fedora, SUSE)',
      );
    }
  }
  return { users: readMappings('/etc/subuid', euid, euid), groups: readMappings('/etc/subgid', euid, egid) };
}

function readMappings(file: string, euid: number, ownId: number): readonly IdMapping[] {
  const name = accountName();
  const owners = [...(name === undefined ? [] : [name]), String(euid)];
  const text = readSmallFile(file);
  const mappings = mapSubordinateIds(text ?? '', owners, ownId);
  if (mappings !== undefined) return mappings;
  const flag = file === '/etc/subuid' ? '--add-subuids' : '--add-subgids';
  throw unready(
    file,
    text === undefined ? 'it cannot be read' : `it has no line for ${owners.join(' or ')}`,
    `as root, run \`usermod ${flag} 100000-165535 ${name ?? euid}\` with ids that nobody has`,
  );
}

function unready(need: string, reason: string, remedy: string): NetworkError {
  return new NetworkError('rootlessUnready', { need, reason, remedy });
}
