import { entry } from './entry.js';

const filterForm = 'send a JSON object of arrays, encoded for a URL, such as {"driver":["bridge"]}';
const timeForm = 'write a duration such as 24h, a time such as 2026-11-24T10:00:00Z, or seconds since 1970';

/** Filters, and the times between which events are asked for. */
export const filterErrors = {
  filtersUnreadable: entry({
    kind: 'invalid',
    message: (d: { reason: string; uri: string }) => `failed to parse parameters for ${d.uri}: ${d.reason}`,
    remedy: filterForm,
  }),
  pruneFiltersUnreadable: entry({
    kind: 'invalid',
    message: (d: { reason: string }) => d.reason,
    remedy: filterForm,
  }),
  filterUnknown: entry({
    kind: 'invalid',
    message: (d: { filter: string; known: readonly string[] }) => `invalid filter "${d.filter}"`,
    remedy: (d) => `use one of ${d.known.join(', ')}`,
  }),
  filterNotSingle: entry({
    kind: 'invalid',
    message: (d: { filter: string }) => `got more than one value for filter key "${d.filter}"`,
    remedy: 'give the key one value',
  }),
  filterTooLarge: entry({
    kind: 'invalid',
    message: (d: { filter: string; limit: number }) =>
      `filter "${d.filter}": the regular expressions need more than ${d.limit} instructions`,
    remedy: 'give fewer expressions, or let their parts repeat fewer times, as {1,10} instead of {1,1000}',
  }),
  filterValuesTooMany: entry({
    kind: 'invalid',
    message: (d: { count: number; limit: number }) =>
      `the filters have ${d.count} values, at most ${d.limit} are allowed: ask in several requests`,
  }),
  filterTypeInvalid: entry({
    kind: 'invalid',
    message: (d: { value: string }) => `invalid filter: 'type'='${d.value}' is neither "custom" nor "builtin"`,
  }),
  untilInvalid: entry({
    kind: 'invalid',
    message: (d: { value: string }) => `failed to parse value as time or duration: "${d.value}"`,
    remedy: timeForm,
  }),
  untilNotSingle: entry({ kind: 'invalid', message: () => 'specify exactly one timestamp for until' }),
  danglingInvalid: entry({
    kind: 'invalid',
    message: (d: { value: string }) => `invalid dangling filter value "${d.value}"`,
    remedy: 'use true or false',
  }),
  eventTimeInvalid: entry({
    kind: 'invalid',
    message: (d: { parameter: 'since' | 'until'; value: string }) =>
      `unable to convert ${d.parameter} time of ${d.value}: unable to interpret time value`,
    remedy: timeForm,
  }),
  eventTimesReversed: entry({
    kind: 'invalid',
    message: (d: { since: string; until: string }) => `since time (${d.since}) cannot be after until time (${d.until})`,
    remedy: 'give the earlier time as since',
  }),
};
