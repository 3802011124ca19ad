import type { Test } from 'tap';
import { openEvents, type EventStream } from '../../support/event-stream.js';
import type { ToldEvent } from './event-history.js';
import type { Fleet } from './fleet.js';

/** Listens to the daemons of a fleet, so that each follows the folder all the time. */
export interface Ears {
  /** Names that a daemon shows now, and its events since the last call. @throws Error where stream and record differ */
  ask(on: number): Promise<{ readonly shown: readonly string[]; readonly events: readonly ToldEvent[] }>;
}

interface Line {
  readonly Action: string;
  readonly Actor: { readonly Attributes: { readonly name?: string } };
  readonly timeNano: number;
}

/** Lines of a stream at most. A longer stream is begun anew, because all of it is read each time. */
const mostLines = 300;

/** Daemons in turn are followed in libpod's dialect and in Docker's. */
const bases = ['/v4.3.1/libpod', '/v1.41'];
/** The action in libpod's word. */
const plain = (action: string) => (action === 'destroy' ? 'remove' : action);

export async function openEars(t: Test, fleet: Fleet): Promise<Ears> {
  const streams: { stream: EventStream; heard: number }[] = [];
  const baseOf = (on: number) => bases[on % bases.length] ?? '';
  const open = async (on: number) =>
    await openEvents(t, fleet.daemon(on).socket, `${baseOf(on)}/events?filters=${networksComingAndGoing}`);
  for (let on = 0; on < fleet.size; on += 1) streams.push({ stream: await open(on), heard: 0 });
  const since = new Map<number, string>();
  return {
    async ask(on) {
      const daemon = fleet.daemon(on);
      const listed = await daemon.ask('GET', '/v4.3.1/libpod/networks/json');
      const url = `${baseOf(on)}/events?stream=false&since=${since.get(on) ?? '0'}&filters=${networksComingAndGoing}`;
      const { text } = await daemon.ask('GET', url);
      // A number of JSON cannot hold the time of an event exactly, so lines are kept as text.
      const lines = text.split('\n').filter((line) => line !== '');
      const known = since.has(on) ? 1 : 0;
      const fresh = lines.slice(Math.min(known, lines.length));
      const last = lines.at(-1);
      if (last !== undefined) since.set(on, timeOf(last));
      const events = fresh.map((line) => readEvent(JSON.parse(line) as Line));
      const ear = streams[on];
      if (ear === undefined) throw new RangeError(`there is no daemon ${on}`);
      const heard = (await ear.stream.lines(ear.heard + events.length)).slice(ear.heard);
      ear.heard += heard.length;
      const inStream = heard.map((line) => readEvent(line as unknown as Line));
      if (JSON.stringify(inStream) !== JSON.stringify(events))
        throw new Error(`daemon ${on} streamed ${JSON.stringify(inStream)} and recorded ${JSON.stringify(events)}`);
      if (ear.heard > mostLines) {
        ear.stream.close();
        streams[on] = { stream: await open(on), heard: 0 };
      }
      return { shown: (listed.json() as readonly { readonly name: string }[]).map(({ name }) => name), events };
    },
  };
}

const networksComingAndGoing = encodeURIComponent(
  JSON.stringify({ type: ['network'], event: ['create', 'remove', 'destroy'] }),
);

function timeOf(line: string): string {
  const [, seconds = '', rest = ''] = /"timeNano":(\d+)(\d{9})\b/.exec(line) ?? [];
  return `${seconds}.${rest}`;
}

function readEvent({ Action, Actor }: Line): ToldEvent {
  return { action: plain(Action), name: Actor.Attributes.name ?? '' };
}
