import os from 'node:os';
import path from 'node:path';
import { isOwnFolder } from '../host/files/user-folder.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The user that the daemon runs as, and the folders of that user; every path is absolute. */
export interface Identity {
  readonly euid: number;
  readonly rootless: boolean;
  readonly home: string;
  readonly configHome: string;
  /** It may not exist yet. The code that makes it gives it mode 0700, and refuses one of a foreign owner. */
  readonly runtimeDir: string;
}

/** Facts of the machine, besides the environment. */
export interface Machine {
  readonly euid: number;
  /** The folder that holds one runtime folder a user, named by uid. */
  readonly userRuntimeRoot: string;
  readonly temporaryDir: string;
}

/** Empty values count as unset, relative paths are ignored; source: XDG Base Directory Specification 0.8. */
export function readIdentity(env: Environment, machine: Machine = readMachine()): Identity {
  const { euid } = machine;
  const home = absolutePath(env['HOME']) ?? homeOfAccount();
  return {
    euid,
    rootless: euid !== 0,
    home,
    configHome: absolutePath(env['XDG_CONFIG_HOME']) ?? path.join(home, '.config'),
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

/** A uid without an account, as containers often have, has no home. */
function homeOfAccount(): string {
  try {
    return os.userInfo().homedir;
  } catch {
    return '/';
  }
}
