import { AppendFile } from '../host/files/append-file.js';
import { storageError } from '../host/native-error.js';
import type { AuditedRequest, AuditLog, AuditOutcome, FileHashes } from '../model/audited-request.js';
import { NetworkError } from '../model/errors/errors.js';
import { Chain, hash } from './chain.js';
import { continueFrom, readTail, type Unconcluded } from './tail.js';

export interface AuditSettings {
  /** Absolute path. */
  readonly file: string;
  readonly onFailure: 'refuse' | 'allow';
}

export interface AuditReports {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Bytes at the end of the file in which a start looks for requests without an outcome: those of some thousand. */
const tailBytes = 1_048_576;

/** Milliseconds after which the outcome of an announced request is written where no batch took it along. */
const writeDelayMs = 200;

/** Outcomes that wait while the file cannot be written; further ones are lost, and the announcements remain. */
const mostConcluded = 4_096;

/** Name and facts of a line. */
type Event = readonly [name: string, facts: object];

type Announced = Parameters<AuditLog['announce']>[0];

/** The file of the audit log. */
export class Audit implements AuditLog {
  #file: AppendFile | undefined;
  #chain = new Chain();
  #unconcluded: readonly Unconcluded[] = [];
  readonly #concluded: Event[] = [];
  #clock: NodeJS.Timeout | undefined;
  #isFailing = false;

  constructor(
    private readonly settings: AuditSettings,
    private readonly log: AuditReports,
  ) {}

  /** Opens the file for the first time, and repairs its end. @throws NetworkError storage where failures refuse changes */
  start(): void {
    this.#attempt('open', () => this.#open());
  }

  /** Opens the file again where its name leads to another file, or to none: logrotate has taken it. */
  reopen(): void {
    if (this.#file?.isCurrent === true) return;
    try {
      if (this.#file !== undefined && this.#concluded.length > 0) this.#append([]);
      this.#open();
    } catch (error) {
      this.#note(this.#describe('open', error));
    }
  }

  /** Records how the requests ended that podnetd was at when it died. @param readHash of a file of the folder now */
  settle(readHash: (file: string) => string | null): void {
    const open = this.#unconcluded;
    this.#unconcluded = [];
    if (open.length === 0) return;
    try {
      const facts = open.map(({ id, changes }) => ({ id, outcome: judge(changes, readHash), changes }));
      this.#append(facts.map((fact) => ['settled', fact]));
      this.#current().syncNow();
    } catch (error) {
      this.#note(this.#describe('write', error));
    }
  }

  async announce(requests: Announced): Promise<void> {
    try {
      this.#append(requests.map(({ request, changes }) => ['announced', { ...describe(request), changes }]));
      await this.#current().sync();
      this.#isFailing = false;
      for (const { request } of requests) request.isAnnounced = true;
    } catch (error) {
      const failure = this.#describe('write', error);
      this.#note(failure);
      if (this.settings.onFailure === 'refuse') throw failure;
    }
  }

  async conclude(request: AuditedRequest, { network, ...rest }: AuditOutcome): Promise<void> {
    const line: Event = ['request', { ...describe(request), network, ...rest, changes: request.changes }];
    if (request.isAnnounced) {
      // To write the file between two batches would cost the next one a wait for the disk.
      if (this.#concluded.length < mostConcluded) this.#concluded.push(line);
      this.#clock ??= setTimeout(() => void this.#writeSoon(), writeDelayMs).unref();
      return;
    }
    try {
      this.#append([line]);
      await this.#current().sync();
      this.#isFailing = false;
    } catch (error) {
      this.#note(this.#describe('write', error));
    }
  }

  close(): void {
    clearTimeout(this.#clock);
    try {
      if (this.#concluded.length > 0) this.#append([]);
      this.#file?.syncNow();
    } catch (error) {
      this.#note(this.#describe('write', error));
    }
    this.#file?.close();
    this.#file = undefined;
    this.log.info({ file: this.settings.file, ...this.#chain.head }, 'audit file closed');
  }

  async #writeSoon(): Promise<void> {
    this.#clock = undefined;
    try {
      if (this.#concluded.length > 0) this.#append([]);
      await this.#file?.sync();
    } catch (error) {
      this.#note(this.#describe('write', error));
    }
  }

  #open(): void {
    const former = this.#file;
    const { file } = this.settings;
    const opened = new AppendFile(file);
    try {
      const tail = readTail(opened.readEnd(tailBytes), opened.size <= tailBytes);
      const isNew = opened.size === 0;
      const goesOn = former === undefined ? continueFrom(`${file}.1`) : this.#chain;
      const chain = isNew ? new Chain(goesOn.head.seq, goesOn.head.hash) : tail.chain;
      const time = new Date().toISOString();
      if (tail.torn !== undefined)
        opened.append(`\n${chain.add('torn', { time, bytes: tail.torn.length, hash: hash(tail.torn) })}`);
      opened.append(chain.add('opened', { time, pid: process.pid }));
      opened.syncNow();
      former?.syncNow();
      former?.close();
      this.#file = opened;
      this.#chain = chain;
      this.#isFailing = false;
      if (former === undefined) this.#unconcluded = tail.unconcluded;
      this.log.info({ file, ...chain.head }, 'audit file opened');
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  /** Appends the outcomes that wait, and lines behind them. @throws Error of node:fs; then nothing was appended */
  #append(events: readonly Event[]): void {
    const file = this.#current();
    const before = this.#chain.head;
    const time = new Date().toISOString();
    try {
      file.append(
        [...this.#concluded, ...events].map(([event, facts]) => this.#chain.add(event, { time, ...facts })).join(''),
      );
      this.#concluded.length = 0;
    } catch (error) {
      this.#chain.rewind(before);
      throw error;
    }
  }

  /** The open file: a new one where the old one is deleted, because lines without a name are lost. @throws Error of node:fs */
  #current(): AppendFile {
    if (this.#file === undefined) this.#open();
    if (this.#file === undefined) throw new TypeError('the audit file is not open');
    return this.#file;
  }

  #attempt(operation: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      const failure = this.#describe(operation, error);
      this.#note(failure);
      if (this.settings.onFailure === 'refuse') throw failure;
    }
  }

  #describe(operation: string, error: unknown): NetworkError {
    return error instanceof NetworkError ? error : storageError(operation, this.settings.file, error);
  }

  /** Logs the first failure of a row. */
  #note(failure: NetworkError): void {
    if (!this.#isFailing)
      this.log.error({ err: failure, onFailure: this.settings.onFailure }, 'the audit file cannot be written');
    this.#isFailing = true;
  }
}

function describe({ id, operation, socket, peer, hints }: AuditedRequest): object {
  return { id, operation, socket, who: peer && { ...peer, hints } };
}

function judge(changes: readonly FileHashes[], readHash: (file: string) => string | null): string {
  const found = changes.map(({ file, before, after }) => {
    const now = readHash(file);
    return now === after ? 'made' : now === before ? 'not made' : 'unknown';
  });
  const [first = 'unknown'] = found;
  return found.every((one) => one === first) ? first : 'unknown';
}
