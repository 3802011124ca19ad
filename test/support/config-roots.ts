import path from 'node:path';
import type { Roots } from '../../src/config/load.js';

/** The files of settings in a folder of a test: `vendor.conf`, `admin.conf`, `user.conf`, `admin.toml`, `user.toml` and `machine-id`. */
export function rootsIn(folder: string): Roots {
  const at = (name: string) => path.join(folder, name);
  return {
    containersConf: { vendor: at('vendor.conf'), admin: at('admin.conf'), user: at('user.conf') },
    podnetdToml: { admin: at('admin.toml'), user: at('user.toml'), machineId: at('machine-id') },
  };
}
