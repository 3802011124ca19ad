import type { Network } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';

/** @returns a sentence for each difference, which names both values; a fact that the request leaves open does not differ */
export type FindDifferences = (network: Network, request: CheckedRequest) => readonly string[];
