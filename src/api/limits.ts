/** What clients may ask of podnetd, one of them and all together. systemd/limits.md shows the same to users. */
export interface Limits {
  /** From the first byte of a request, or from connecting, to the end of its head. */
  readonly headTimeoutMs: number;
  /** From the first byte of a request to the last of its body; waiting for the lock and working come after it. */
  readonly requestTimeoutMs: number;
  /** How often the two are looked at: a late request is cut that much later at most. */
  readonly checkIntervalMs: number;
  /** How long a connection without a request is kept. */
  readonly keepAliveTimeoutMs: number;
  /** How long a client may take nothing of an answer. */
  readonly answerTimeoutMs: number;
  /** Request line and headers together. */
  readonly headBytes: number;
  /** A part of a path that a route takes as a parameter, percent-encoded. */
  readonly parameterLength: number;
  readonly bodyBytes: number;
  /** Pieces that a body may come in: chunks, or what the kernel had of it at a time. Each takes memory of its own. */
  readonly bodyPieces: number;
  /** Bodies of all requests that are arriving or being worked on. */
  readonly allBodiesBytes: number;
  /** Answers that their clients have not taken yet, all together. */
  readonly allAnswersBytes: number;
  /** Streams of events. */
  readonly allStreams: number;
  /** Requests that wait on one connection for the answer to an earlier one. */
  readonly waitingRequests: number;
  /** Requests that wait so, all together. */
  readonly allWaitingRequests: number;
  /** `Warning` headers of an answer; one more says how many there are beside them. */
  readonly warningHeaders: number;
  /** Characters of the text of each; a longer text is cut. */
  readonly warningCharacters: number;
  /** Warnings of one request that are logged. */
  readonly warningLines: number;
  /** Characters of each text that a client sent, in a log line; a longer text is cut. */
  readonly loggedCharacters: number;
  readonly connections: number;
  /** Connections over TCP, which serve metrics alone. */
  readonly scrapeConnections: number;
  /** How long each of them lasts at most. */
  readonly scrapeTimeoutMs: number;
  /** Connections that podnetd has not accepted yet; the kernel's own bound, `net.core.somaxconn`, may be lower. */
  readonly queuedConnections: number;
  /** File descriptors that connections leave to files, plugins and the kernel's tables. */
  readonly reservedDescriptors: number;
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/**
 * Podman's service has no limit but twice its `--time` for idle connections, and Go's 1 MiB for heads; Docker gives a head five minutes.
 * source: podman pkg/api/server/server.go@v4.3.1, moby cmd/dockerd/daemon.go@v28.5.2, Go net/http/server.go@go1.19
 */
export const limits: Limits = Object.freeze({
  // Clients write a head at once, over ssh too.
  headTimeoutMs: 30_000,
  // A body of 1 MiB at modem speed.
  requestTimeoutMs: 60_000,
  checkIntervalMs: 5_000,
  // Longer than the pauses between two commands of a script or a test of docker-py's.
  keepAliveTimeoutMs: 72_000,
  // A pager may keep `curl` waiting; who stopped reading for so long has gone.
  answerTimeoutMs: 120_000,
  // Node's own; a filter of a hundred names fits.
  headBytes: 16 * kibibyte,
  // A name of 235 bytes with every byte percent-encoded, and some room.
  parameterLength: kibibyte,
  // Much more than any network needs.
  bodyBytes: mebibyte,
  // 64 bytes a request for the largest; clients send it in a hundred requests.
  bodyPieces: 16_384,
  allBodiesBytes: 64 * mebibyte,
  // Forty lists of ten thousand networks.
  allAnswersBytes: 256 * mebibyte,
  // A handful of programs of a host follow its events; each stream is written to at every event.
  allStreams: 256,
  // No client of Podman's or Docker's sends a second request before it has the answer to the first.
  waitingRequests: 32,
  allWaitingRequests: 1_024,
  // With every character escaped they are 5 KiB: Node's clients take heads of 16 KiB, Python's a hundred lines.
  warningHeaders: 10,
  warningCharacters: 256,
  // An operator who needs more of a request has the request itself.
  warningLines: 100,
  loggedCharacters: 1_000,
  // Ten thousand idle ones and as many again that matter.
  connections: 20_000,
  // A pair of Prometheus servers, and a person with curl.
  scrapeConnections: 16,
  // Prometheus's own default for a scrape.
  scrapeTimeoutMs: 10_000,
  // As many as Go's servers, by the kernel's default; a client whose turn does not come is refused with EAGAIN.
  queuedConnections: 4_096,
  // A batch of creates opens two files a network, fifty connects three pipes each.
  reservedDescriptors: 1_024,
});

/**
 * How many connections a process may have: of few descriptors they get half.
 *
 * @param descriptors that the process may have open, by RLIMIT_NOFILE
 */
export function connectionsWithin(descriptors: number, { connections, reservedDescriptors }: Limits): number {
  const left = Math.max(descriptors - reservedDescriptors, Math.floor(descriptors / 2));
  return Math.min(connections, left);
}
