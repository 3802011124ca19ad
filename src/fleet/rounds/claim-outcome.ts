import { FleetFileError } from '../own/fleet-file.js';
import { StoreError } from '../store/claim-store.js';
import type { NoBlock } from '../claims/outcomes.js';

/** What becomes of a claim whose store or file fails. @throws any other error */
export function outcomeOf(error: unknown): NoBlock {
  if (error instanceof FleetFileError) return { kind: 'refused', reason: error.message };
  if (!(error instanceof StoreError)) throw error;
  return { kind: error.kind, reason: error.message };
}
