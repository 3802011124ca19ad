import type { SlirpOptions } from '../host/slirp4netns/process.js';

export interface NamespaceSettings {
  readonly euid: number;
  readonly egid: number;
  readonly runtimeDir: string;
  /** containers.conf's network_cmd_path; slirp4netns of PATH when undefined. */
  readonly slirpPath?: string;
  readonly slirp: SlirpOptions;
}
