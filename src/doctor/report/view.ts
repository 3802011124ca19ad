import type { FindingsBody } from '../../api/podnetd/doctor.js';

export type FindingBody = FindingsBody['findings'][number];

/** The outcome of a repair; `planned` for a dry run. */
export interface RepairBody {
  readonly code: string;
  readonly seen: string;
  readonly outcome: 'done' | 'failed' | 'planned';
  /** The reason of a failure. */
  readonly reason?: string;
}

/** All that is printed. */
export interface DoctorView {
  readonly hostName: string;
  readonly at: Date;
  /** Who looked: a daemon by its socket, or this command, with the reason why it asked none. */
  readonly source: { readonly daemon: string } | { readonly folder: string; readonly reason: string };
  /** After the repairs. */
  readonly findings: readonly FindingBody[];
  /** Undefined where none were asked for. */
  readonly repairs: readonly RepairBody[] | undefined;
}
