import { accessSync, constants, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { codeOf } from '../native-error.js';

/** Where Debian keeps iptables and the like, which it leaves out of an ordinary user's PATH. */
const administratorFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The search path with the administrators' folders at its end, if it lacks them. */
export function completePath(searchPath = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'): string {
  const folders = searchPath.split(':');
  return [...folders, ...administratorFolders.filter((folder) => !folders.includes(folder))].join(':');
}

/** The path of a program, given by name or path; undefined when no such file may be executed. */
export function findProgram(name: string, searchPath = completePath()): string | undefined {
  const candidates = name.includes('/')
    ? [path.resolve(name)]
    : searchPath.split(':').map((dir) => path.join(dir, name));
  return candidates.find((candidate) => path.isAbsolute(candidate) && isExecutable(candidate));
}

/** Why this process cannot read and write a device; undefined when it can. */
export function judgeDevice(device: string): string | undefined {
  try {
    if (!statSync(device).isCharacterDevice()) return 'it is no device';
    accessSync(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'it is not there' : 'it may not be opened';
  }
}

/** The name of this user's account; undefined for a uid without one. */
export function accountName(): string | undefined {
  try {
    return os.userInfo().username;
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
