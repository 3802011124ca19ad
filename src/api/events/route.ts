import type { Socket } from 'node:net';
import type { TSchema } from '@sinclair/typebox';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkEvent } from '../../model/event.js';
import { longestTimerMs } from '../../model/longest-timer.js';
import type { EventFeed } from '../../network/dependencies/events.js';
import type { StatusTable } from '../dialect.js';
import { findAcceptedType, namedMediaTypes, prefixOf, type EventMediaType } from './media-type.js';
import { EventRounds } from './rounds.js';
import { EventStream } from './stream.js';
import { EventsQuery, readEventsQuery, type EventsWish } from './query.js';
import { exampleEvents } from '../example-story.js';
import { errorAnswers, type AnswerExample } from '../errors/route-schemas.js';
import { compileSerializer } from '../go/serializers.js';

declare module 'fastify' {
  interface FastifyInstance {
    streamBounds: StreamBounds;
  }
}

/** How much streams may use of what is for all. */
export interface StreamBounds {
  /** How long a client may take nothing. */
  readonly answerTimeoutMs: number;
  /** Counts one more of the user behind the socket. @returns its end @throws NetworkError streamsPending */
  open(socket: Socket): () => void;
  /** Asks for memory. @param cut is called when others need it more @returns how to give it back; undefined when there is none */
  hold(socket: Socket, bytes: number, cut: () => void): (() => void) | undefined;
}

/** Events in the words of a dialect. */
export interface EventWords {
  readonly operationId: string;
  readonly statuses: StatusTable;
  /** Of one line: an event. */
  readonly schema: TSchema;
  /** The media type for a client that asks for none, by the version that it speaks; undefined where clients cannot ask, and always get JSON. */
  readonly usualMediaType?: (version: string | undefined) => EventMediaType;
  /** Which way from now a duration for `until` leads. */
  readonly untilDuration: 'past' | 'future';
  /** What happened, in the dialect's word; undefined where it has none for it. */
  nameAction(event: NetworkEvent): string | undefined;
  /** As the schema says. */
  write(event: NetworkEvent, action: string): unknown;
}

/** `GET /events`: one JSON object a line, as they happen. */
export function addEventRoute(instance: FastifyInstance, events: EventFeed, words: EventWords): void {
  const rounds = new EventRounds();
  const serialize = compileSerializer({ schema: words.schema });
  // Every stream writes the same line. The log bounds how many events there are, and their bytes.
  const lines = new WeakMap<NetworkEvent, string>();
  const print = (event: NetworkEvent, { filter }: EventsWish): string | undefined => {
    const action = words.nameAction(event);
    if (action === undefined || !filter(event, action)) return undefined;
    let line = lines.get(event);
    if (line === undefined) {
      line = serialize(words.write(event, action));
      lines.set(event, line);
    }
    return line;
  };
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/events',
    config: { role: 'read' },
    schema: {
      operationId: words.operationId,
      summary: 'Stream changes of networks by any program, one object a line, until the client goes away',
      tags: ['system'],
      querystring: EventsQuery,
      response: {
        200: {
          description:
            words.usualMediaType === undefined
              ? 'Events, an object a line'
              : 'Events, an object a line, in the media type that `Accept` names; json-seq begins each with a record separator',
          content: describeContent(words, serialize),
        },
        ...errorAnswers(words.statuses, {
          invalid: 'unable to convert since time of yesterday: unable to interpret time value',
          filter: 'invalid filter "foo"',
          storage: 'open /etc/cni/net.d: EACCES: permission denied',
          busy: new NetworkError('streamsPending', { user: 1_000, used: 128, limit: 256 }).message,
        }),
      },
    },
    async handler(request, reply) {
      const wish = readEventsQuery(request.query, words.untilDuration, request.originalUrl);
      const mediaType = chooseMediaType(words, request);
      const prefix = prefixOf(mediaType);
      await events.catchUp();
      send(reply, events, wish, rounds, mediaType, (event) => {
        const line = print(event, wish);
        return line === undefined ? undefined : prefix + line;
      });
    },
  });
}

function chooseMediaType({ usualMediaType }: EventWords, { headers, address }: FastifyRequest): EventMediaType {
  if (usualMediaType === undefined) return 'application/json';
  return findAcceptedType(headers.accept) ?? usualMediaType(address.version);
}

/** For the document: every media type has the same schema and examples. */
function describeContent(words: EventWords, serialize: (value: unknown) => string): Record<string, object> {
  const named = words.usualMediaType === undefined ? [] : namedMediaTypes;
  const content = {
    schema: words.schema,
    // The document reads them when it is written; a start of the daemon does not.
    get examples() {
      return writeExamples(words, serialize);
    },
  };
  return Object.fromEntries((['application/json', ...named] as const).map((type) => [type, content]));
}

/** The events of the examples as the dialect writes them, by its words for what happened. */
function writeExamples(words: EventWords, serialize: (value: unknown) => string): Record<string, AnswerExample> {
  const examples = exampleEvents.flatMap(([summary, event]) => {
    const action = words.nameAction(event);
    if (action === undefined) return [];
    return [[action, { summary, value: JSON.parse(serialize(words.write(event, action))) as unknown }] as const];
  });
  return Object.fromEntries(examples);
}

/** No step between here and the subscription waits, so that no event is lost between the past ones and the coming ones. */
function send(
  reply: FastifyReply,
  feed: EventFeed,
  { replays, streams, sinceNs, untilNs }: EventsWish,
  rounds: EventRounds,
  mediaType: EventMediaType,
  print: (event: NetworkEvent) => string | undefined,
): void {
  const { socket } = reply.request.raw;
  const bounds = reply.server.streamBounds;
  if (reply.raw.destroyed) return void reply.hijack();
  const leave = bounds.open(socket);
  const { raw } = reply.hijack();
  raw.once('close', leave);
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': mediaType });
  raw.flushHeaders();
  const past = feed.range({ sinceNs, untilNs });
  const stream = new EventStream(raw, {
    feed,
    place: replays ? past.from : feed.end,
    rounds,
    answerTimeoutMs: bounds.answerTimeoutMs,
    print,
    hold: (bytes, cut) => bounds.hold(socket, bytes, cut),
    onCut: (reason) => reply.log.warn({ reason }, 'the event stream was cut: its client does not read'),
    onFailure: (error) => reply.log.error({ err: error }, 'the event stream was ended by a bug'),
  });
  // Fastify logs the end of finished answers only.
  raw.once('close', () => {
    if (!raw.writableFinished) reply.log.info({ url: reply.request.originalUrl }, 'the client left the event stream');
  });
  // A client that closes its side for writing is taken to have gone, as by Go's server: before the next event the two look alike.
  if (!streams || past.isOver || socket.readableEnded) stream.end(past.to);
  else stream.wake();
  // Also for past events alone: a feed knows what its readers have missed while they are subscribed.
  const end = () => stream.end();
  const unsubscribe = feed.subscribe(() => stream.wake(), end);
  socket.once('end', end);
  const stopClock = untilNs === undefined ? () => undefined : callAt(untilNs, end);
  raw.once('close', () => {
    socket.off('end', end);
    stopClock();
    unsubscribe();
  });
}

/** @returns the way to call it off */
function callAt(epochNs: bigint, act: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const leftMs = Number(epochNs / 1_000_000n) + 1 - Date.now();
    timer = leftMs > 0 ? setTimeout(wait, Math.min(leftMs, longestTimerMs)) : setTimeout(act);
  };
  wait();
  return () => clearTimeout(timer);
}
