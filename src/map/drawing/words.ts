import { makePrintable, shorten } from '../../host/own-process/printable.js';
import type { State } from './segments.js';
import type { MapView, PoolBody, TakenBody } from './view.js';

/** The sentences that terminal and page share. */

/** Characters of a name, file or reason that are shown at most. */
const longestLabel = 120;

/** A larger number is about as large, because its digits would fill a line. */
const largestExact = 1e10;

/** `65 536`, `about 7.2e16` */
export function formatCount(count: number, separator = ' '): string {
  if (count > largestExact) return `about ${count.toExponential(1).replace('e+', 'e')}`;
  return count.toLocaleString('en-US').replaceAll(',', separator);
}

/** `1 block`, `12 blocks` */
export function countOf(count: number, noun: string, separator?: string): string {
  return `${formatCount(count, separator)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The words of each state. */
export type StateWords = Readonly<Record<State, string>>;

export const stateWords: StateWords = {
  network: 'networks',
  reserved: 'reserved',
  host: 'this host',
  unlisted: 'not listed',
  free: 'free',
};

const fleetWords: StateWords = { ...stateWords, network: 'other hosts', reserved: 'hosts without a heartbeat' };

export function wordsOf({ subject }: Pick<MapView, 'subject'>): StateWords {
  return subject === 'fleet' ? fleetWords : stateWords;
}

/** `Addresses of edge1` */
export function titleOf({ subject, hostName }: Pick<MapView, 'subject' | 'hostName'>): string {
  const host = makePrintable(hostName);
  return subject === 'fleet' ? `Blocks of the fleet of ${host}` : `Addresses of ${host}`;
}

/** `network shop`, `route through tun0`, `reserved: office VPN`; without what is not known. */
export function describeHolder({ kind, name, file, reason }: TakenBody): string {
  switch (kind) {
    case 'network':
      return name === undefined
        ? `network${file === undefined ? '' : ` in ${labelOf(file)}`}`
        : `network ${labelOf(name)}`;
    case 'reserved':
      return reason === undefined || reason === '' ? 'reserved' : `reserved: ${labelOf(reason)}`;
    case 'route':
      return name === undefined ? 'route' : `route through ${labelOf(name)}`;
    case 'dns-server':
      return 'DNS server';
    case 'other-host':
      return `host ${labelOf(name ?? '')}`;
    case 'silent-host':
      return `host ${labelOf(name ?? '')}, without a heartbeat`;
    case 'this-host':
      return `this host, ${labelOf(name ?? '')}`;
    default:
      return name === undefined ? labelOf(kind) : `${labelOf(kind)} ${labelOf(name)}`;
  }
}

/** The name or reason alone; undefined when none is known. */
export function labelHolder({ name, reason }: TakenBody): string | undefined {
  const text = name ?? reason;
  return text === undefined || text === '' ? undefined : labelOf(text);
}

function labelOf(text: string): string {
  // Cut first: a file of another program may hold a name of megabytes.
  return shorten(makePrintable(text.slice(0, 2 * longestLabel)), longestLabel);
}

/** `10.89.0.0/24`, or the first and the last of several */
export function formatRun({ first, last }: Pick<TakenBody, 'first' | 'last'>, dash = '–'): string {
  return first === last ? first : `${first} ${dash} ${last}`;
}

export function describeSource({ source, gap }: Pick<MapView, 'source' | 'gap'>): string {
  const from =
    'daemon' in source
      ? `podnetd answered at ${makePrintable(source.daemon)}`
      : `read from ${makePrintable(source.folder)} without a daemon: ${makePrintable(source.reason)}`;
  return gap === undefined ? from : `${from}; ${gap}`;
}

/** `256 blocks of /24` */
export function describeSize({ blocks: { total }, size }: PoolBody, separator?: string): string {
  return `${countOf(total, 'block', separator)} of /${size}`;
}

/** The next block and the largest free prefix; undefined when no address is free. */
export function describeFree({ next, largest_free: largest }: PoolBody): string | undefined {
  const parts = [
    ...(next === undefined ? [] : [`next ${next}`]),
    ...(largest === undefined ? [] : [`largest free ${largest}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** How many blocks the report says are not free, and does not say who has them. */
export function countUnlisted({ taken, unlisted, blocks: { total, free } }: PoolBody): number {
  return taken === undefined ? total - free : (unlisted ?? 0);
}
