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
  dryRunInvalid: entry({
    kind: 'invalid',
    message: (d: { value: string; allowed: readonly string[] }) =>
      `dryRun=${d.value} is neither true nor false: write one of ${d.allowed.join(', ')}`,
  }),
  dryRunUnsupported: entry({
    kind: 'unsupported',
    message: (d: { request: string }) =>
      `${d.request} cannot be tried with dryRun, only the create, update, remove and prune of networks can: leave dryRun out to have it done`,
  }),
  ifMatchInvalid: entry({
    kind: 'invalid',
    message: (d: { value: string }) =>
      `If-Match: ${d.value} is no list of tags: send the ETag of a network, or for a create the revision of a plan, in double quotes`,
  }),
  ifMatchUnsupported: entry({
    kind: 'unsupported',
    message: (d: { request: string }) =>
      `${d.request} takes no If-Match, only the create, update, remove and connect of a network do: leave the header out to have it done`,
  }),
  revisionOutdated: entry({
    kind: 'outdated',
    message: (d: { expected: string; current: string }) =>
      `what the plan rests on has changed: its revision is ${d.current}, If-Match asks for ${d.expected}`,
    remedy: 'plan the network again with POST /podnetd/v1/networks/plan, and send the revision of that plan',
  }),
  queryInvalid: entry({
    kind: 'invalid',
    /** @param d `rule` says which values the parameter takes */
    message: (d: { url: string; parameter: string; rule?: string | undefined }) =>
      `failed to parse parameters for ${d.url}: schema: error converting value for "${d.parameter}"`,
    remedy: (d) => d.rule && `${d.parameter} takes ${d.rule}`,
    root: (d) => `schema: error converting value for "${d.parameter}"`,
  }),
  queryMissing: entry({
    kind: 'invalid',
    /** @param d `rule` says which values the parameter takes, `example` is one of them */
    message: (d: { url: string; parameter: string; rule?: string | undefined; example?: string | undefined }) =>
      `failed to parse parameters for ${d.url}: the parameter ${d.parameter} is missing`,
    remedy: (d) =>
      [
        d.rule && `${d.parameter} takes ${d.rule}`,
        d.example !== undefined && `for example ?${d.parameter}=${d.example}`,
      ]
        .filter((part) => typeof part === 'string')
        .join(', ') || undefined,
    root: (d) => `the parameter ${d.parameter} is missing`,
  }),
};
