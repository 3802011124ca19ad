import { asObject, textOf } from '../../model/json-object.js';
import type { HttpAnswer } from './poster.js';

export interface Failure {
  readonly kind: 'unreachable' | 'refused';
  /** Without the password: etcd repeats none. */
  readonly reason: string;
}

export interface Judged {
  readonly body: unknown;
  /** Undefined for an answer. */
  readonly failure: Failure | undefined;
  /** Whether a new token may help. */
  readonly isTokenStale: boolean;
}

/**
 * Errors that another member, or the same one a moment later, need not have. The gateway makes statuses of gRPC's codes: 503 of Unavailable (no leader, too few
 * members), 504 of DeadlineExceeded, 429 of ResourceExhausted (too many requests, database full), 500 of Unknown and Internal.
 *
 * source: grpc-gateway v1 runtime/errors.go HTTPStatusFromCode; etcd api/v3rpc/rpctypes/error.go
 */
const passing = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Answers for a token that is too old, was made before roles changed, or is needed since a moment ago. A restarted etcd, too, forgets the tokens that it gave.
 *
 * source: etcd 3.4.23's answers {error, message, code}: 401 with code 16 "invalid auth token", 400 with code 3 for the other two
 */
const staleToken = /invalid auth token|revision of auth store is old|user name is empty/;

/** Characters of an error that a message repeats: any program may have answered. */
const mostWords = 300;

export function judge(endpoint: string, { status, text }: HttpAnswer): Judged {
  const body = parse(text);
  if (status === 200 && body !== undefined) return { body, failure: undefined, isTokenStale: false };
  const { message, error } = asObject(body);
  const words = (textOf(message) || textOf(error)).slice(0, mostWords);
  const remedy = words.includes('user name is empty') ? '; set user and password_file in [fleet] of podnetd.toml' : '';
  const reason = `${endpoint}: ${words || explain(status)}${remedy}`;
  return {
    body,
    failure: { kind: passing.has(status) ? 'unreachable' : 'refused', reason },
    isTokenStale: status === 401 || staleToken.test(words),
  };
}

function explain(status: number): string {
  if (status === 404) return 'has no /v3/ (HTTP 404); it must be an etcd of 3.4 or newer with its gRPC gateway';
  return `an answer that is not etcd's (HTTP ${status})`;
}

/** Undefined for another text. A lease's keep-alive ends with an empty line. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
