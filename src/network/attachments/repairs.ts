import type { Repair } from '../dependencies/runtime.js';

/** Refuses while a failed repair is in the way. @throws NetworkError plugin, storage */
export function refuseStuck(repairs: readonly Repair[]): void {
  for (const { error } of repairs) if (error !== undefined) throw error;
}
