import { NetworkError } from '../../model/errors/errors.js';
import type { Network } from '../../model/network.js';
import type { CheckedRequest, NetworkRequest } from '../../model/request.js';
import { checkRequest } from './check.js';
import type { FindDifferences } from '../dependencies/differences.js';
import type { Draft } from '../dependencies/draft.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';

/** Why a request is invalid. */
export type Faulty = NetworkError;

/** @returns the fault instead of throwing it, because an existing network of the name is returned in any case */
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
 * The existing network of the requested name, whatever else is requested.
 *
 * source: podman docs/source/markdown/podman-network-create.1.md@v5.4.2 (--ignore)
 */
export function findInDraft(draft: Draft, { name }: CheckedRequest): StoredNetwork | undefined {
  return name === '' ? undefined : draft.get(name);
}

/** One warning with all differences between an existing network and a request; none if there is no difference. */
export function warnOfDifferences(
  network: Network,
  request: CheckedRequest | Faulty,
  findDifferences: FindDifferences,
): readonly string[] {
  const differences = request instanceof NetworkError ? [request.message] : findDifferences(network, request);
  if (differences.length === 0) return [];
  return [`network ${network.name} exists already and is left as it is: ${differences.join('; ')}`];
}
