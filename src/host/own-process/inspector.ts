import { createRequire } from 'node:module';
import type * as Inspector from 'node:inspector';

/**
 * Address of Node's inspector; undefined while it is closed. A client of the inspector can run code in this process, and on the loopback
 * interface every local user can connect.
 */
export function inspectorAddress(): string | undefined {
  // A Node built without an inspector has no such module.
  if (!process.features.inspector) return undefined;
  const inspector = createRequire(import.meta.url)('node:inspector') as typeof Inspector;
  return inspector.url();
}
