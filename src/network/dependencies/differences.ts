import type { Network } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';

/**
 * Compares a network with the one that a request asks for; a value that the request leaves open does not differ.
 *
 * @returns a sentence a difference, naming both values
 */
export type FindDifferences = (network: Network, request: CheckedRequest) => readonly string[];
