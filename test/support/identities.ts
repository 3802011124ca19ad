import type { Identity } from '../../src/config/identity.js';

/** Who runs podnetd, as tests of settings have it. */

export const root: Identity = {
  euid: 0,
  rootless: false,
  home: '/root',
  configHome: '/root/.config',
  stateHome: '/root/.local/state',
  runtimeDir: '/run',
};

export const user: Identity = {
  ...root,
  euid: 1000,
  rootless: true,
  configHome: '/c',
  stateHome: '/s',
  runtimeDir: '/r',
};
