import { NetworkError } from '../../model/errors/errors.js';
import type { Network } from '../../model/network.js';
import type { CheckedRequest, NetworkRequest } from '../../model/request.js';
import { checkRequest } from './check.js';
import type { FindDifferences } from '../dependencies/differences.js';
import type { Draft } from '../dependencies/draft.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';

/** A request that is wrong in itself, and why. */
export type Faulty = NetworkError;

/** @returns the fault instead of throwing it: a network of the name is the answer all the same */
export function tryCheck(request: NetworkRequest): CheckedRequest | Faulty {
  try {
    return checkRequest(request);
  } catch (error) {
    if (error instanceof NetworkError) return error;
    throw error;
  }
}

/** The network of exactly this name, if there is one. @throws NetworkError storage */
export async function findNamed(reader: NetworkReader, name: string): Promise<StoredNetwork | undefined> {
  return (await reader.list()).find(({ network }) => network.name === name);
}

/**
 * The network of the name that is asked for, whatever else is asked for: it is left as it is.
 *
 * source: podman docs/source/markdown/podman-network-create.1.md@v5.4.2 (--ignore)
 */
export function findInDraft(draft: Draft, { name }: CheckedRequest): StoredNetwork | undefined {
  return name === '' ? undefined : draft.get(name);
}

/** In what a network that is left as it is differs from what is asked for; nothing if it does not. */
export function warnOfDifferences(
  network: Network,
  request: CheckedRequest | Faulty,
  findDifferences: FindDifferences,
): readonly string[] {
  const differences = request instanceof NetworkError ? [request.message] : findDifferences(network, request);
  if (differences.length === 0) return [];
  return [`network ${network.name} exists already and is left as it is: ${differences.join('; ')}`];
}
