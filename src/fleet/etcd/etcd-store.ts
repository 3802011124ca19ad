import { setTimeout as sleep } from 'node:timers/promises';
import { asObject, textOf, type JsonObject } from '../../model/json-object.js';
import {
  StoreError,
  type ClaimStore,
  type LeaseAnswer,
  type StoreMoment,
  type StoreState,
  type Transaction,
  type TransactionAnswer,
} from '../store/claim-store.js';
import { readMoment, readTransaction, writeTransaction } from './gateway-json.js';
import { judge, type Failure, type Judged } from './judge-answer.js';
import { readPassword } from './password.js';
import { Poster, type TlsFiles } from './poster.js';

export interface EtcdSettings extends TlsFiles {
  /** Origins of URLs, one or more. */
  readonly endpoints: readonly string[];
  readonly user?: string;
  readonly passwordFile?: string;
}

/** How long one endpoint may take where others are left. */
const mostAttemptMs = 2_000;
const leastAttemptMs = 100;
/** The first wait once each endpoint has failed, and the longest. */
const firstWaitMs = 50;
const longestWaitMs = 1_000;

/** etcd 3.4 and newer, by the JSON gateway of each member. source: https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway/ */
export class EtcdStore implements ClaimStore {
  readonly #poster: Poster;
  readonly #requests = new Map<string, number>();
  /** Index of the endpoint that answered last. */
  #current = 0;
  /** Of the authentication; etcd forgets it after five minutes, and at a restart. */
  #token: string | undefined;
  #clusterId: string | undefined;
  #error: string | undefined;
  #isClosed = false;

  constructor(private readonly settings: EtcdSettings) {
    this.#poster = new Poster(settings);
  }

  get state(): StoreState {
    const { endpoints } = this.settings;
    const endpoint = endpoints[this.#current] ?? '';
    return { endpoint, clusterId: this.#clusterId, error: this.#error, requests: this.#requests };
  }

  async run(transaction: Transaction, deadline: number): Promise<TransactionAnswer> {
    const body = await this.#ask('kv/txn', writeTransaction(transaction), deadline);
    const steps = readTransaction(body, transaction);
    if (steps === undefined) throw this.#noEtcd();
    return { ...steps, ...this.#readMoment(asObject(body)['header']) };
  }

  async grantLease(ttlSeconds: number, deadline: number): Promise<string> {
    const { ID: id } = asObject(await this.#ask('lease/grant', { TTL: String(ttlSeconds) }, deadline));
    return textOf(id);
  }

  /** The gateway answers the stream of one request by one line {"result": …}; TTL is missing in it for a lease that is gone. */
  async keepLease(lease: string, deadline: number): Promise<LeaseAnswer> {
    const { result } = asObject(await this.#ask('lease/keepalive', { ID: lease }, deadline));
    const { header, TTL: ttl } = asObject(result);
    return { isAlive: textOf(ttl) !== '', ...this.#readMoment(header) };
  }

  async endLease(lease: string, deadline: number): Promise<void> {
    try {
      await this.#ask('lease/revoke', { ID: lease }, deadline);
    } catch (error) {
      if (!(error instanceof StoreError && error.message.includes('requested lease not found'))) throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#poster.close();
  }

  #readMoment(header: unknown): StoreMoment {
    const moment = readMoment(header);
    if (moment === undefined) throw this.#noEtcd();
    this.#clusterId = moment.clusterId;
    return moment;
  }

  #noEtcd(): StoreError {
    return new StoreError('refused', `${this.state.endpoint}: the answer is not that of an etcd`);
  }

  /** Asks one endpoint after another until the deadline. @throws StoreError */
  async #ask(path: string, body: JsonObject, deadline: number): Promise<unknown> {
    const { endpoints } = this.settings;
    let failure: Failure = { kind: 'unreachable', reason: 'no time is left' };
    for (let tries = 0; ; tries += 1) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || this.#isClosed) break;
      const untried = Math.max(endpoints.length - tries, 1);
      const attemptMs = Math.max(Math.min(leftMs / untried, mostAttemptMs), leastAttemptMs);
      const at = this.#current;
      const answer = await this.#attempt(endpoints[at] ?? '', path, body, attemptMs);
      if ('body' in answer) {
        this.#error = undefined;
        return answer.body;
      }
      failure = answer.failure;
      if (failure.kind === 'refused') break;
      // Another request may have gone on already.
      if (this.#current === at) this.#current = (at + 1) % endpoints.length;
      // All hosts lose a store in the same moment, and must not come back in the same one.
      const rounds = Math.floor((tries + 1) / endpoints.length);
      const waitMs = Math.random() * Math.min(firstWaitMs * 2 ** (rounds - 1), longestWaitMs);
      if (rounds > 0) await sleep(Math.min(waitMs, Math.max(deadline - performance.now(), 0)));
    }
    this.#error = failure.reason;
    throw new StoreError(failure.kind, failure.reason);
  }

  async #attempt(
    endpoint: string,
    path: string,
    body: JsonObject,
    timeoutMs: number,
  ): Promise<{ body: unknown } | { failure: Failure }> {
    const until = performance.now() + timeoutMs;
    try {
      for (const isAgain of [false, true]) {
        if (this.settings.user !== undefined)
          this.#token ??= await this.#authenticate(endpoint, until - performance.now());
        const answer = await this.#post(endpoint, path, body, this.#token, until - performance.now());
        if (answer.isTokenStale && !isAgain && this.settings.user !== undefined) this.#token = undefined;
        else if (answer.failure === undefined) return { body: answer.body };
        else return { failure: answer.failure };
      }
    } catch (error) {
      return { failure: failureOf(endpoint, error) };
    }
    return { failure: { kind: 'refused', reason: 'etcd takes no token' } };
  }

  async #authenticate(endpoint: string, timeoutMs: number): Promise<string> {
    const { user = '', passwordFile = '' } = this.settings;
    const { body, failure } = await this.#post(
      endpoint,
      'auth/authenticate',
      { name: user, password: readPassword(passwordFile) },
      undefined,
      timeoutMs,
    );
    if (failure !== undefined) throw new StoreError(failure.kind, failure.reason);
    return textOf(asObject(body)['token']);
  }

  async #post(
    endpoint: string,
    path: string,
    body: JsonObject,
    token: string | undefined,
    timeoutMs: number,
  ): Promise<Judged> {
    const url = new URL(`/v3/${path}`, endpoint);
    const headers = token === undefined ? {} : { authorization: token };
    let status = 'none';
    try {
      const answer = await this.#poster.post(url, JSON.stringify(body), headers, Math.max(timeoutMs, 1));
      status = String(answer.status);
      return judge(endpoint, answer);
    } finally {
      this.#requests.set(status, (this.#requests.get(status) ?? 0) + 1);
    }
  }
}

function failureOf(endpoint: string, error: unknown): Failure {
  if (error instanceof StoreError) return { kind: error.kind, reason: error.message };
  return { kind: 'unreachable', reason: `${endpoint}: ${describe(error)}` };
}

/** A failed connection to a name with several addresses has its reasons in a list. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
