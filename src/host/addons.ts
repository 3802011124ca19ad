import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Kernel locks. An addon takes a fifth of the time until the first answer to load, and neither is needed for that. */
export function fileLocks(): typeof import('fs-native-extensions') {
  return require('fs-native-extensions') as typeof import('fs-native-extensions');
}

export function netlink(): typeof import('netlink') {
  return require('netlink') as typeof import('netlink');
}
