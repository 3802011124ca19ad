import { statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

export interface Identity {
  readonly euid: number;
  readonly rootless: boolean;
  /** `XDG_CONFIG_HOME`, or `~/.config`. */
  readonly configHome: string;
  /** Where sockets belong: `/run` for root, `XDG_RUNTIME_DIR` or its usual place for a user, else a folder under the temporary one. */
  readonly runtimeDir: string;
}

export function readIdentity(env: NodeJS.ProcessEnv): Identity {
  const euid = process.geteuid?.() ?? 0;
  return {
    euid,
    rootless: euid !== 0,
    configHome: absolute(env['XDG_CONFIG_HOME']) ?? path.join(absolute(env['HOME']) ?? homedir(), '.config'),
    runtimeDir: euid === 0 ? '/run' : (absolute(env['XDG_RUNTIME_DIR']) ?? findRuntimeDir(euid)),
  };
}

function findRuntimeDir(euid: number): string {
  const usual = `/run/user/${euid}`;
  const found = statSync(usual, { throwIfNoEntry: false });
  if (found?.isDirectory() === true && found.uid === euid) return usual;
  return path.join(tmpdir(), `podnetd-run-${euid}`);
}

/** Relative paths are invalid and to be ignored; source: XDG Base Directory Specification 0.8. */
function absolute(value: string | undefined): string | undefined {
  return value !== undefined && path.isAbsolute(value) ? value : undefined;
}
