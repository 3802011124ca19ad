import { limits, type Limits } from '../../src/api/limits.js';
import { bounds, type Bounded } from '../../src/model/bounds.js';
import { kept } from '../../src/network/events/event-log.js';

/** One line of the table of limits, and the limits of the code that it shows. */
export interface LimitRow {
  readonly about: readonly (keyof Limits | Bounded)[];
  readonly what: string;
  readonly limit: string;
  readonly beyond: string;
}

const kibibyte = 1024;
const number = (value: number) => String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ');
const seconds = (ms: number) => `${number(ms / 1000)} s`;
const bytes = (value: number) =>
  value % (kibibyte * kibibyte) === 0
    ? `${number(value / kibibyte / kibibyte)} MiB`
    : `${number(value / kibibyte)} KiB`;

const share = 'a user has no more than the user leaves to the others';
const late = `408, up to ${seconds(limits.checkIntervalMs)} later`;
const byName = '400 (libpod 3: 500), by name';

/** @param more other bounds that the row shows as well */
function bounded(bound: Bounded, what: string, more: readonly Bounded[] = [], beyond = byName): LimitRow {
  return {
    about: [bound, ...more],
    what,
    limit: [bound, ...more].map((key) => number(bounds[key])).join(', '),
    beyond,
  };
}

export const limitRows: readonly LimitRow[] = [
  { about: ['headBytes'], what: 'Head of a request', limit: bytes(limits.headBytes), beyond: '431' },
  {
    about: ['parameterLength'],
    what: 'Name in a path, percent-encoded',
    limit: bytes(limits.parameterLength),
    beyond: '414',
  },
  {
    about: ['bodyBytes'],
    what: 'Body',
    limit: `${bytes(limits.bodyBytes)}, nested 10 000 deep as in Go`,
    beyond: '413, 400',
  },
  {
    about: ['bodyPieces'],
    what: 'Pieces that a body comes in',
    limit: `${number(limits.bodyPieces)}: chunks, or what the kernel has at a time`,
    beyond: '400 (libpod 3: 500)',
  },
  {
    about: ['allBodiesBytes'],
    what: 'Bodies that arrive or are worked on, together',
    limit: `${bytes(limits.allBodiesBytes)} of what has arrived; of whole bodies ${share}`,
    beyond:
      'podnetd cuts the one longest on its way, of the user with the most; where there is none, 503 (libpod 3: 500)',
  },
  bounded('bodyValues', 'Values in a body: members of all its lists and maps'),
  bounded('repeatedValues', 'Values in a body that has a key more than once'),
  bounded('subnets', 'Subnets of a network'),
  bounded('auxiliaryAddresses', 'Auxiliary addresses of a network'),
  bounded('labels', 'Labels; options; IPAM options of a network', ['options', 'ipamOptions']),
  bounded('routes', 'Static routes; DNS servers of a network', ['dnsServers']),
  bounded('maskBytes', 'Bytes of a mask in a list'),
  bounded('staticAddresses', 'Static addresses; aliases; links; driver options of a connect', [
    'aliases',
    'links',
    'endpointOptions',
  ]),
  bounded('portMappings', 'Ports of a connect'),
  bounded('filterValues', 'Values of all filters of a request', [], '500, as for other filters that cannot be used'),
  {
    about: ['filterInstructions'],
    what: 'Expressions of a filter',
    limit: `${number(bounds.filterInstructions)} instructions of RE2`,
    beyond: '500, as for other filters that cannot be used',
  },
  {
    about: ['fileBytes', 'fileValues'],
    what: 'File in the folder of networks',
    limit: `${bytes(bounds.fileBytes)}, ${number(bounds.fileValues)} values`,
    beyond: 'a problem; podnetd ignores the file',
  },
  bounded(
    'leaseRanges',
    'Lease ranges; plugins in a file; and each limit of a network above',
    ['plugins'],
    'a problem; its names, bridges and prefixes count as taken all the same',
  ),
  bounded('takenPrefixes', 'Prefixes that one file takes', [], 'the first ones count'),
  {
    about: ['headTimeoutMs', 'checkIntervalMs'],
    what: 'Time to send a head',
    limit: `${seconds(limits.headTimeoutMs)}, from connecting on`,
    beyond: late,
  },
  {
    about: ['requestTimeoutMs'],
    what: 'Time to send a request',
    limit: `${seconds(limits.requestTimeoutMs)}; waiting for the lock is not counted`,
    beyond: late,
  },
  {
    about: ['keepAliveTimeoutMs'],
    what: 'Connection without a request',
    limit: seconds(limits.keepAliveTimeoutMs),
    beyond: 'closed',
  },
  {
    about: ['answerTimeoutMs'],
    what: 'Answer that its client does not read',
    limit: seconds(limits.answerTimeoutMs),
    beyond: 'cut',
  },
  {
    about: ['allAnswersBytes'],
    what: 'Answers that are not read yet, together',
    limit: bytes(limits.allAnswersBytes),
    beyond: 'podnetd cuts the oldest stream of events of the user with the most, then the oldest answer',
  },
  {
    about: ['warningHeaders', 'warningCharacters'],
    what: '`Warning` headers of an answer',
    limit: `${limits.warningHeaders}, of ${limits.warningCharacters} characters`,
    beyond: 'one more says how many are in the log',
  },
  {
    about: ['warningLines', 'loggedCharacters'],
    what: 'Warnings of a request in the log, and each text of a client there',
    limit: `${number(limits.warningLines)}, ${number(limits.loggedCharacters)} characters`,
    beyond: 'one more says how many are left out; the text is cut',
  },
  {
    about: [],
    what: 'Events that a client has not read yet',
    limit: 'those that are kept for later',
    beyond: 'the stream is cut',
  },
  {
    about: ['allStreams'],
    what: 'Streams of events, together',
    limit: `${number(limits.allStreams)}; ${share}`,
    beyond: '503 (libpod 3: 500)',
  },
  {
    about: [],
    what: 'Events that are kept for later',
    limit: `${number(kept.events)}, and ${bytes(kept.bytes)}`,
    beyond: 'the oldest are forgotten',
  },
  {
    about: ['waitingRequests', 'allWaitingRequests'],
    what: 'Requests sent ahead on a connection',
    limit: `${limits.waitingRequests}, and ${number(limits.allWaitingRequests)} together, ${share}; answered in turn`,
    beyond: 'the connection ends with the last answer; beyond what all may have it is cut',
  },
  {
    about: ['connections', 'reservedDescriptors'],
    what: 'Connections',
    limit: `${number(limits.connections)}, or what \`RLIMIT_NOFILE\` less ${number(limits.reservedDescriptors)} is`,
    beyond:
      'podnetd closes a connection of the user with the most: the one without a request for the longest, else the oldest stream, else, for a user with fewer, the oldest; where there is none, the new one',
  },
  {
    about: ['scrapeConnections', 'scrapeTimeoutMs'],
    what: 'Connections over TCP, for metrics',
    limit: `${number(limits.scrapeConnections)}, one request each, for ${seconds(limits.scrapeTimeoutMs)}`,
    beyond: 'podnetd closes the oldest',
  },
  {
    about: ['queuedConnections'],
    what: 'Connections that wait to be accepted',
    limit: `${number(limits.queuedConnections)}, or \`net.core.somaxconn\``,
    beyond: "the kernel's: a client waits, or has EAGAIN",
  },
];
