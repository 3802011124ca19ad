import type { Config } from '../../config/config.js';
import { MapError } from '../map-error.js';
import type { Source } from '../drawing/view.js';
import { askDaemon } from './daemon.js';

/** Where a report shall come from. */
export interface Wanted {
  /** Absolute path of the socket that must answer; undefined for the usual one, which need not. */
  readonly socket: string | undefined;
  /** The flag by which the files are read and no daemon is asked; undefined where none says so. */
  readonly folderFlag: string | undefined;
}

/** How to come by a report of one kind. */
export interface Ways<T extends object> {
  /** Path of the request to a daemon, and what judges its answer. */
  readonly url: string;
  readonly isReport: (body: unknown) => body is T;
  /** Reads it without a daemon. */
  readonly readHere: () => Promise<T>;
}

/** Asks the daemon, or reads without one. @throws MapError */
export async function findReport<T extends object>(
  { socket: wanted, folderFlag }: Wanted,
  config: Config,
  { url, isReport, readHere }: Ways<T>,
): Promise<{ readonly source: Source; readonly report: T }> {
  // One with a label shows no pools.
  const usual = config.listen.find(({ label }) => label === undefined);
  const socket = wanted ?? usual?.path ?? '';
  const answer =
    folderFlag === undefined ? await askDaemon(socket, url, isReport) : { reason: `--${folderFlag} was given` };
  if ('body' in answer) return { source: { daemon: socket }, report: answer.body };
  if (wanted !== undefined) {
    const remedy = 'start podnetd there, or leave --socket out to read the folder of networks';
    throw new MapError(`--socket ${wanted}: no podnetd listens there (${answer.reason}); ${remedy}`);
  }
  const reason = folderFlag === undefined ? `no podnetd listens on ${socket}` : answer.reason;
  return { source: { folder: config.cniConfigDir, reason }, report: await readHere() };
}
