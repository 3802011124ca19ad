import os from 'node:os';
import path from 'node:path';
import { isOwnFolder } from '../host/files/user-folder.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The user that the daemon runs as and the folders that follow from it; every path is absolute. */
export interface Identity {
  readonly euid: number;
  readonly rootless: boolean;
  readonly home: string;
  readonly configHome: string;
  /** Where a user's programs keep what has to outlive them. */
  readonly stateHome: string;
  /** May not exist yet: the code that makes the folder gives it mode 0700 and refuses one that another user owns. */
  readonly runtimeDir: string;
}

/** The machine's part of an identity, besides the environment. */
export interface Machine {
  readonly euid: number;
  /** The folder that holds one runtime folder a user, named by uid. */
  readonly userRuntimeRoot: string;
  readonly temporaryDir: string;
}

/** The identity of this process. Empty and relative paths in `env` count as unset; source: XDG Base Directory Specification 0.8. */
export function readIdentity(env: Environment, machine: Machine = readMachine()): Identity {
  const { euid } = machine;
  const home = absolutePath(env['HOME']) ?? homeOfAccount();
  return {
    euid,
    rootless: euid !== 0,
    home,
    configHome: absolutePath(env['XDG_CONFIG_HOME']) ?? path.join(home, '.config'),
    stateHome: absolutePath(env['XDG_STATE_HOME']) ?? path.join(home, '.local/state'),
    runtimeDir: euid === 0 ? '/run' : (absolutePath(env['XDG_RUNTIME_DIR']) ?? findRuntimeDir(machine)),
  };
}

function readMachine(): Machine {
  const euid = process.geteuid?.();
  if (euid === undefined) throw new Error('podnetd needs a system with user ids');
  return { euid, userRuntimeRoot: '/run/user', temporaryDir: os.tmpdir() };
}

function findRuntimeDir({ euid, userRuntimeRoot, temporaryDir }: Machine): string {
  const ofUser = path.join(userRuntimeRoot, String(euid));
  return isOwnFolder(ofUser, euid) ? ofUser : path.resolve(temporaryDir, `podnetd-run-${euid}`);
}

function absolutePath(value: string | undefined): string | undefined {
  return value !== undefined && path.isAbsolute(value) ? path.resolve(value) : undefined;
}

/** The home folder in the account of this uid; `/` for a uid without an account, as containers often have. */
function homeOfAccount(): string {
  try {
    return os.userInfo().homedir;
  } catch {
    return '/';
  }
}
