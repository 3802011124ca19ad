import { Type, type Static } from '@sinclair/typebox';
import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkEvent } from '../../model/event.js';
import type { FilterClock } from '../../model/filters/filters.js';
import { compileLabelTest } from '../../model/filters/label-filter.js';
import { parseGoDuration, parseUntil } from '../../model/filters/until.js';
import { exampleNetwork } from '../example-story.js';
import { readClock, readFilterTerms } from '../filters.js';

const time = 'seconds since the epoch with or without a fraction, RFC 3339, or a Go duration';

export const EventsQuery = Type.Object({
  since: Type.Optional(
    Type.String({ description: `Send earlier events from then on: ${time} before now`, examples: ['10m'] }),
  ),
  until: Type.Optional(Type.String({ description: `Stop then: ${time}`, examples: ['1769864460.5'] })),
  stream: Type.Optional(Type.Boolean({ description: 'False: send earlier events and stop. True when absent' })),
  filters: Type.Optional(
    Type.String({
      description:
        'JSON, `{"key":["value"]}`. Keys are type, event, network (name or the beginning of an id), container (likewise), label and scope; ' +
        'keys about other objects match nothing',
      examples: [`{"network":["${exampleNetwork.name}"],"event":["connect"]}`],
    }),
  ),
});

/** Whether an event is wanted, given the dialect's word for its action. */
export type EventFilter = (event: NetworkEvent, action: string) => boolean;

export interface EventsWish {
  readonly sinceNs: bigint | undefined;
  readonly untilNs: bigint | undefined;
  /** Whether earlier events are sent. */
  readonly replays: boolean;
  /** Whether later events are waited for. */
  readonly streams: boolean;
  readonly filter: EventFilter;
}

/**
 * @param untilDuration which way from now a duration for `until` leads
 * @param uri the request's, for errors
 * @throws NetworkError eventTimeInvalid, eventTimesReversed, filtersUnreadable, filterUnknown
 */
export function readEventsQuery(
  query: Static<typeof EventsQuery>,
  untilDuration: 'past' | 'future',
  uri: string,
  clock: FilterClock = readClock(),
): EventsWish {
  const { since = '', until = '', stream = true, filters = '' } = query;
  const sinceNs = readTime('since', since, -1n, clock);
  const untilNs = readTime('until', until, untilDuration === 'past' ? -1n : 1n, clock);
  // DIVERGES: Podman sends nothing then; source: moby daemon/server/router/system/system_routes.go@v28.5.2
  if (sinceNs !== undefined && untilNs !== undefined && sinceNs > untilNs)
    throw new NetworkError('eventTimesReversed', { since, until });
  return {
    sinceNs,
    untilNs,
    replays: sinceNs !== undefined || untilNs !== undefined || !stream,
    streams: stream && (untilNs === undefined || untilNs > clock.nowNs),
    filter: compileEventFilter(readFilterTerms(filters === '' ? undefined : filters, uri)),
  };
}

function readTime(parameter: 'since' | 'until', text: string, sign: bigint, clock: FilterClock): bigint | undefined {
  if (text === '') return undefined;
  const durationNs = text === '0' ? undefined : parseGoDuration(text);
  if (durationNs !== undefined) return clock.nowNs + sign * durationNs;
  const epochNs = parseUntil(text, clock);
  if (epochNs === undefined) throw new NetworkError('eventTimeInvalid', { parameter, value: text });
  return epochNs;
}

const matchNothing = () => () => false;

/** Any value, but all labels. source: podman libpod/events/filters.go@v5.4.2, moby daemon/events/filter.go@v28.5.2 */
const rules: ReadonlyMap<string, (values: readonly string[]) => EventFilter> = new Map([
  ['type', (values) => () => values.includes('network')],
  ['scope', (values) => () => values.includes('local')],
  ['event', byAction],
  ['status', byAction],
  // DIVERGES: Docker takes the beginning of a name too.
  [
    'network',
    (values) =>
      ({ network }) =>
        network !== undefined && isNamed(values, network),
  ],
  [
    'container',
    (values) =>
      ({ container }) =>
        container !== undefined && isNamed(values, container),
  ],
  [
    'label',
    (values) => {
      const tests = values.map(compileLabelTest);
      return ({ network }) => network !== undefined && tests.every((test) => test(network.labels));
    },
  ],
  ...['artifact', 'config', 'daemon', 'image', 'machine', 'node', 'plugin', 'pod', 'secret', 'service', 'volume'].map(
    (key) => [key, matchNothing] as const,
  ),
]);

function byAction(values: readonly string[]): EventFilter {
  return (_event, action) => values.includes(action);
}

function isNamed(values: readonly string[], { id, name }: { id: string; name: string | undefined }): boolean {
  return values.some((value) => value === name || (value !== '' && id.startsWith(value)));
}

function compileEventFilter(terms: ReadonlyMap<string, readonly string[]>): EventFilter {
  const filters = [...terms]
    .filter(([, values]) => values.length > 0)
    .map(([key, values]) => {
      const rule = rules.get(key.toLowerCase());
      if (rule === undefined) throw new NetworkError('filterUnknown', { filter: key, known: [...rules.keys()] });
      return rule(values);
    });
  return (event, action) => filters.every((filter) => filter(event, action));
}
