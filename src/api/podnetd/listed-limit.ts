import { Type } from '@sinclair/typebox';
import { NetworkError } from '../../model/errors/errors.js';

/** Entries of a list at most. */
export const maxListed = 10_000;

/** The parameter of a query that bounds a list. @param what it bounds @param usual entries without it */
export function limitParameter(what: string, usual: number, most = maxListed) {
  return Type.Optional(
    Type.Integer({ description: `${what} at most; ${usual} when absent`, minimum: 0, maximum: most }),
  );
}

/** The error for a limit that is none, as the schema of the query leads to it. */
export function refuseLimit(url: string, most = maxListed): NetworkError {
  return new NetworkError('queryInvalid', { url, parameter: 'limit', rule: `a whole number from 0 to ${most}` });
}
