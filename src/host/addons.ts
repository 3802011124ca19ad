import { createRequire } from 'node:module';
import type * as FileLocks from 'fs-native-extensions';
import type * as Netlink from 'netlink';

const require = createRequire(import.meta.url);

/** Kernel locks. An addon takes a fifth of the time until the first answer to load, and neither is needed for that. */
export function fileLocks(): typeof FileLocks {
  return require('fs-native-extensions') as typeof FileLocks;
}

export function netlink(): typeof Netlink {
  return require('netlink') as typeof Netlink;
}
