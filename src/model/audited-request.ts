import type { Role } from './role.js';

/** The process behind a connection. */
export interface Peer {
  /** The kernel's word, of the moment when the process connected. `pid` is 0 for a process outside of podnetd's PID namespace. */
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
}

/** More about a peer, as podnetd found it at a request of the connection: the process may have ended by then. */
export interface PeerHints {
  /** Of the user and the group; absent where /etc/passwd and /etc/group have none. */
  readonly user?: string;
  readonly group?: string;
  /** The kernel's name of the program. */
  readonly comm?: string;
  /** User id of the login that the process descends from; absent where there was no login. */
  readonly loginuid?: number;
  /** Start of the process since boot, in clock ticks: with the pid it names one process. */
  readonly startTicks?: string;
}

/** The process behind a connection, with more about it. */
export type Who = Peer & { readonly hints: PeerHints };

/** One file that a request changed or is about to change. */
export interface FileHashes {
  readonly file: string;
  /** SHA-256 of the text in hexadecimal digits; null where there is no file. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Who asks for changes, and with which rights. */
export interface Caller {
  /** Undefined where the kernel does not know the process. */
  readonly who: Who | undefined;
  /** Path of the socket that its requests come through; undefined for repairs. */
  readonly socket: string | undefined;
  /** Of that socket. */
  readonly role: Role | undefined;
  /** Of that socket, as KEY=VALUE; undefined for one without. */
  readonly label: string | undefined;
}

/** A request that asks for a change, and what podnetd knows of it; also a repair of the doctor. */
export interface AuditedRequest {
  readonly id: string;
  /** Mostly the same object for all requests of a connection, so that it is described once. */
  readonly caller: Caller;
  /** The route's operationId, or the act of a repair behind `doctor:`. */
  readonly operation: string;
  /** For a repair: each finding that it is for, as code and facts. */
  readonly findings?: readonly string[];
  /** Network as the client names it; undefined until the handler has read that, and for requests about none or many. */
  readonly network: string | undefined;
  /** The changes that are made. */
  readonly changes: FileHashes[];
  /** The last line that says what the request is about to do; undefined until the disk has one. */
  announcement: Announcement | undefined;
}

/** A line that says what a request is about to do, and what it was made of. */
export interface Announcement {
  /** The request as the line describes it, in the form of the audit log. */
  readonly description: string;
  readonly network: string | undefined;
  readonly changes: readonly FileHashes[];
}

/** A request with all changes that it is about to make; none where it changes attachments. */
export interface AnnouncedRequest {
  readonly request: AuditedRequest;
  readonly changes: readonly FileHashes[];
}

export interface AuditOutcome {
  /** Of HTTP; undefined for a repair. */
  readonly status: number | undefined;
  /** `ok`, the code of the error, or `failed` for a repair. */
  readonly outcome: string;
  readonly reason: string | undefined;
}

/** Where requests that ask for a change are recorded. */
export interface AuditLog {
  /**
   * Makes durable what requests are about to do.
   *
   * @throws NetworkError storage, when it cannot be recorded and changes are refused then
   */
  announce(requests: readonly AnnouncedRequest[]): Promise<void>;
  /**
   * Records the outcome of a request. On return the file has it, so that only a power cut can take it away; for a request that was not announced
   * the disk has it, too. A failure is logged.
   */
  conclude(request: AuditedRequest, outcome: AuditOutcome): Promise<void>;
}
