import { AppendFile } from '../host/files/append-file.js';
import { readEndOf } from '../host/files/file-lines.js';
import { storageError } from '../host/native-error.js';
import type { AnnouncedRequest, AuditedRequest, AuditLog, AuditOutcome, FileHashes } from '../model/audited-request.js';
import { NetworkError } from '../model/errors/errors.js';
import { sha256 } from '../model/sha256.js';
import { Chain, writeMembers } from './chain.js';
import { describeAnnounced, describeConcluded } from './describe.js';
import type { OpenRequest } from './open-requests.js';
import { readTail, type Tail } from './tail.js';

export interface AuditSettings {
  /** Absolute path. */
  readonly file: string;
  readonly onFailure: 'refuse' | 'allow';
}

export interface AuditReports {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Outcomes that wait while the file cannot be written; further ones are lost, and the announcements remain. */
const mostOutcomes = 4_096;

/** Name of a line, and its members besides the time; see {@link Chain.add}. */
type Event = readonly [name: string, members: string];

/** @returns undefined where there is none @throws NetworkError storage */
type ReadText = (file: string) => string | undefined;

/** The file of the audit log. */
export class Audit implements AuditLog {
  #file: AppendFile | undefined;
  #chain = new Chain();
  /** Requests that podnetd was at when it died. */
  #open: readonly OpenRequest[] = [];
  /** Lines that the next write takes along. */
  #outcomes: Event[] = [];
  #writing: Promise<AppendFile> | undefined;
  #failure: string | undefined;

  constructor(
    private readonly settings: AuditSettings,
    private readonly log: AuditReports,
  ) {}

  /** Why the last try to write failed; undefined when it did not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Opens the file for the first time, and repairs its end. @throws NetworkError storage where failures refuse changes */
  start(): void {
    try {
      this.#openFile();
    } catch (error) {
      const failure = this.#note('open', error);
      if (this.settings.onFailure === 'refuse') throw failure;
    }
  }

  /** Opens the file again where its name leads to another file, or to none: logrotate has taken it. */
  reopen(): void {
    try {
      if (this.#file?.isCurrent !== true) this.#openFile();
    } catch (error) {
      this.#note('open', error);
    }
  }

  /** Records how the requests ended that podnetd was at when it died. @param readText of a file of the folder now */
  async settle(readText: ReadText): Promise<void> {
    const open = this.#open;
    this.#open = [];
    if (open.length === 0) return;
    try {
      const facts = open.map(({ id, changes }) => ({ id, outcome: judge(changes, readText), changes }));
      await this.#append(facts.map((fact) => ['settled', writeMembers(fact)])).sync();
    } catch (error) {
      this.#note('write', error);
    }
  }

  async announce(requests: readonly AnnouncedRequest[]): Promise<void> {
    try {
      const announcements = requests.map(describeAnnounced);
      await this.#append(announcements.map(({ description }) => ['announced', description])).sync();
      this.#failure = undefined;
      for (const [index, { request }] of requests.entries()) request.announcement = announcements[index];
    } catch (error) {
      // An earlier announcement does not have these changes.
      for (const { request } of requests) request.announcement = undefined;
      const failure = this.#note('write', error);
      if (this.settings.onFailure === 'refuse') throw failure;
    }
  }

  async conclude(request: AuditedRequest, outcome: AuditOutcome): Promise<void> {
    if (this.#outcomes.length < mostOutcomes) this.#outcomes.push(['request', describeConcluded(request, outcome)]);
    try {
      const file = await (this.#writing ??= this.#writeOutcomes());
      if (request.announcement === undefined) await file.sync();
      this.#failure = undefined;
    } catch (error) {
      this.#note('write', error);
    }
  }

  close(): void {
    try {
      if (this.#outcomes.length > 0) this.#append([]);
      this.#file?.syncNow();
    } catch (error) {
      this.#note('write', error);
    }
    this.#file?.close();
    this.#file = undefined;
    this.log.info({ file: this.settings.file, ...this.#chain.head }, 'audit file closed');
  }

  /** Writes the outcomes of all answers that a batch frees with one call. */
  async #writeOutcomes(): Promise<AppendFile> {
    return await new Promise<AppendFile>((resolve, reject) => {
      // Behind all that follows from the batch in promises.
      process.nextTick(() => {
        this.#writing = undefined;
        try {
          resolve(this.#append([]));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #openFile(): void {
    const former = this.#file;
    const { file } = this.settings;
    const opened = new AppendFile(file);
    try {
      const isNew = opened.size === 0;
      const tail = isNew ? this.#readFormerTail() : readTail((limit) => opened.readEnd(limit));
      const { chain } = tail;
      const time = new Date().toISOString();
      if (!isNew && tail.torn !== undefined) {
        const torn = { time, bytes: tail.torn.length, hash: sha256(tail.torn) };
        opened.append(`\n${chain.add('torn', writeMembers(torn))}`);
      }
      opened.append(chain.add('opened', writeMembers({ time, pid: process.pid })));
      opened.syncNow();
      this.#file = opened;
      this.#chain = chain;
      this.#failure = undefined;
      if (former === undefined) this.#open = tail.open;
      this.log.info({ file, ...chain.head }, 'audit file opened');
    } catch (error) {
      opened.close();
      throw error;
    }
    try {
      former?.syncNow();
    } catch (error) {
      this.#note('write', error);
    }
    former?.close();
  }

  /** The end of the file that a new one goes on from: the one before, or the one that logrotate took the name from. */
  #readFormerTail(): Tail {
    const { seq, hash } = this.#chain.head;
    if (this.#file !== undefined) return { chain: new Chain(seq, hash), open: [], torn: undefined };
    const rotated = `${this.settings.file}.1`;
    return readTail((limit) => readEndOf(rotated, limit) ?? { bytes: Buffer.alloc(0), isWhole: true });
  }

  /** Appends the outcomes that wait, and lines behind them. @returns the file @throws Error of node:fs; then nothing was appended */
  #append(events: readonly Event[]): AppendFile {
    const file = this.#openedFile();
    const before = this.#chain.head;
    const time = writeMembers({ time: new Date().toISOString() });
    const all = [...this.#outcomes, ...events];
    if (all.length === 0) return file;
    try {
      file.append(all.map(([event, members]) => this.#chain.add(event, `${time}${members}`)).join(''));
    } catch (error) {
      this.#chain.rewind(before);
      throw error;
    }
    this.#outcomes = [];
    return file;
  }

  /** A new file where the old one is deleted, because lines without a name are lost. @throws Error of node:fs */
  #openedFile(): AppendFile {
    if (this.#file === undefined || this.#file.isDeleted) this.#openFile();
    if (this.#file === undefined) throw new TypeError('the audit file is not open');
    return this.#file;
  }

  /** Logs the first failure of a row. @returns it as an error that names the file */
  #note(operation: string, error: unknown): NetworkError {
    const failure = error instanceof NetworkError ? error : storageError(operation, this.settings.file, error);
    if (this.#failure === undefined)
      this.log.error({ err: failure, onFailure: this.settings.onFailure }, 'the audit file cannot be written');
    this.#failure = failure.message;
    return failure;
  }
}

function judge(changes: readonly FileHashes[], readText: ReadText): string {
  const found = changes.map(({ file, before, after }) => {
    try {
      const text = readText(file);
      const now = text === undefined ? null : sha256(text);
      return now === after ? 'made' : now === before ? 'not made' : 'unknown';
    } catch (error) {
      if (error instanceof NetworkError) return 'unknown';
      throw error;
    }
  });
  const [first = 'unknown'] = found;
  if (found.includes('unknown')) return 'unknown';
  return found.every((one) => one === first) ? first : 'partly made';
}
