import { createRequire } from 'node:module';
import type * as Inspector from 'node:inspector';

/**
 * Address of Node's inspector; undefined while it is closed. Whoever connects to it runs code in this process, and on the loopback
 * interface every local user can.
 */
export function inspectorAddress(): string | undefined {
  // A Node that was built without an inspector has no such module.
  if (!process.features.inspector) return undefined;
  const inspector = createRequire(import.meta.url)('node:inspector') as typeof Inspector;
  return inspector.url();
}
