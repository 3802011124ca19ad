import { entry } from './entry.js';

/** Go's word for it, and the remedy. */
export const missingBody = 'EOF: the request has no body: send a JSON object, {} for one without members';

/** Bodies and queries that cannot be read. */
export const requestErrors = {
  bodyInvalid: entry({ kind: 'invalid', message: (d: { reason: string }) => d.reason }),
  bodyMissing: entry({ kind: 'invalid', message: () => missingBody, root: 'EOF' }),
  bodyInPieces: entry({
    kind: 'invalid',
    message: (d: { limit: number }) => `request body comes in more than ${d.limit} pieces: send larger ones`,
  }),
  memberUnknown: entry({
    kind: 'invalid',
    message: (d: { member: string; known: readonly string[] }) =>
      `unknown member ${JSON.stringify(d.member)}: known are ${d.known.join(', ')}`,
  }),
  tooMany: entry({
    kind: 'invalid',
    /** @param d `place` is the member that has too many, in the caller's own words */
    message: (d: { place: string; count: number; limit: number }) =>
      `${d.place} has ${d.count} entries, at most ${d.limit} are allowed: leave some out`,
  }),
  bodyTooFull: entry({
    kind: 'invalid',
    message: (d: { place: string; count: number; values: number; limit: number }) =>
      `${d.place || 'the body'} has ${d.count} entries, and the body ${d.values} values in all: at most ${d.limit} are allowed: leave some out`,
  }),
  repeatsTooMany: entry({
    kind: 'invalid',
    message: (d: { values: number; limit: number }) =>
      `the body has the same key more than once and ${d.values} values, at most ${d.limit} are allowed then: give each key once`,
  }),
  queryInvalid: entry({
    kind: 'invalid',
    /** @param d `known` are the values that a parameter takes which is a list of words */
    message: (d: { url: string; parameter: string; known?: readonly string[] }) =>
      `failed to parse parameters for ${d.url}: schema: error converting value for "${d.parameter}"`,
    remedy: (d) => d.known && `choose from ${d.known.join(', ')}, separated by commas`,
    root: (d) => `schema: error converting value for "${d.parameter}"`,
  }),
};
