import type { PoolReportBody } from '../../api/podnetd/pools.js';

/** The pools of one host or of a fleet at one moment; terminal and page are made from this alone. */
export interface MapView {
  readonly hostName: string;
  readonly at: Date;
  readonly source: Source;
  readonly report: PoolReportBody;
  /** Whose blocks the report has: those of a host's networks, or those of the hosts of a fleet. */
  readonly subject: Subject;
  /** What the report lacks, as a clause; undefined where it lacks nothing. */
  readonly gap?: string | undefined;
}

export type Subject = 'host' | 'fleet';

/** Where the report comes from: a running podnetd, or the folder of networks. */
export type Source = { readonly daemon: string } | { readonly folder: string; readonly reason: string };

export type PoolBody = PoolReportBody['pools'][number];

/** Blocks in a row that one holder has. */
export type TakenBody = NonNullable<PoolBody['taken']>[number];
