import { setImmediate as nextTurn } from 'node:timers/promises';
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

/** Milliseconds after which an outcome whose announcement is durable becomes durable too. */
const syncDelayMs = 200;

/** Name and facts of a line. */
type Event = readonly [name: string, facts: object];

type Announced = Parameters<AuditLog['announce']>[0];

/** The file of the audit log. */
export class Audit implements AuditLog {
  #file: AppendFile | undefined;
  #chain = new Chain();
  #unconcluded: readonly Unconcluded[] = [];
  readonly #concluded: Event[] = [];
  #writing: Promise<void> | undefined;
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
    const facts = open.map(({ id, changes }) => ({ id, outcome: judge(changes, readHash), changes }));
    try {
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
    this.#concluded.push(['request', { ...describe(request), network, ...rest, changes: request.changes }]);
    try {
      await (this.#writing ??= this.#writeSoon());
      if (request.isAnnounced) this.#clock ??= setTimeout(() => void this.#syncSoon(), syncDelayMs).unref();
      else await this.#current().sync();
      this.#isFailing = false;
    } catch (error) {
      this.#note(this.#describe('write', error));
    }
  }

  /** The requests of a batch end in one turn of the event loop, and their lines are one write. */
  async #writeSoon(): Promise<void> {
    await nextTurn();
    this.#writing = undefined;
    this.#append(this.#concluded.splice(0));
  }

  close(): void {
    clearTimeout(this.#clock);
    try {
      this.#file?.syncNow();
    } catch (error) {
      this.#note(this.#describe('fsync', error));
    }
    this.#file?.close();
    this.#file = undefined;
    this.log.info({ file: this.settings.file, ...this.#chain.head }, 'audit file closed');
  }

  async #syncSoon(): Promise<void> {
    this.#clock = undefined;
    try {
      await this.#file?.sync();
    } catch (error) {
      this.#note(this.#describe('fsync', error));
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

  #append(events: readonly Event[]): void {
    const file = this.#current();
    const before = this.#chain.head;
    const time = new Date().toISOString();
    try {
      file.append(events.map(([event, facts]) => this.#chain.add(event, { time, ...facts })).join(''));
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
