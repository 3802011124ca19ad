import { asArray, asObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { Condition, Step, StepAnswer, StoreMoment, Transaction, TransactionAnswer } from '../store/claim-store.js';

/**
 * Bodies of etcd's JSON gateway: keys and values in base64, 64-bit numbers as strings, and no member whose value is zero, empty or false.
 *
 * source: etcd 3.4.23's answers; protocol buffers' JSON mapping; etcd api/etcdserverpb/rpc.proto
 */

export function writeTransaction({ when = [], success, failure = [] }: Transaction): JsonObject {
  return { compare: when.map(writeCondition), success: success.map(writeStep), failure: failure.map(writeStep) };
}

/** @returns undefined for a body that is no answer to the transaction */
export function readTransaction(
  body: unknown,
  asked: Transaction,
): Omit<TransactionAnswer, keyof StoreMoment> | undefined {
  const { succeeded, responses } = asObject(body);
  const isMet = succeeded === true;
  const steps = (isMet ? asked.success : asked.failure) ?? [];
  const answers = asArray(responses);
  return answers.length === steps.length ? { isMet, steps: answers.map(readStep) } : undefined;
}

/** The head of each answer. @returns undefined for another value */
export function readMoment(header: unknown): StoreMoment | undefined {
  const { cluster_id: clusterId, revision } = asObject(header);
  if (textOf(clusterId) === '' || !/^\d+$/.test(textOf(revision))) return undefined;
  return { revision: BigInt(textOf(revision)), clusterId: textOf(clusterId) };
}

/** A missing key has version 0. An absent key has no value, so a comparison of values never holds for it. source: etcd mvcc applyCompare */
function writeCondition({ key, value }: Condition): JsonObject {
  return value === undefined
    ? { key: encode(key), target: 'VERSION', result: 'EQUAL', version: '0' }
    : { key: encode(key), target: 'VALUE', result: 'EQUAL', value: encode(value) };
}

function writeStep(step: Step): JsonObject {
  switch (step.kind) {
    case 'put': {
      const { key, value, lease } = step;
      return { request_put: { key: encode(key), value: encode(value), ...(lease !== undefined && { lease }) } };
    }
    case 'delete':
      return { request_delete_range: { key: encode(step.key) } };
    case 'count':
      return { request_range: { ...writeRange(step), count_only: true } };
    case 'read': {
      const { limit, keysOnly = false } = step;
      return {
        request_range: {
          ...writeRange(step),
          ...(limit !== undefined && { limit: String(limit) }),
          keys_only: keysOnly,
        },
      };
    }
  }
}

function writeRange({ key, end }: { readonly key: string; readonly end?: string }): JsonObject {
  return { key: encode(key), ...(end !== undefined && { range_end: encode(end) }) };
}

function readStep(answer: unknown): StepAnswer {
  const { kvs, count } = asObject(asObject(answer)['response_range']);
  const found = asArray(kvs).map((kv) => {
    const { key, value } = asObject(kv);
    return { key: decode(key), value: decode(value) };
  });
  return { found, count: Number(textOf(count) || '0') };
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(base64: unknown): string {
  return Buffer.from(textOf(base64), 'base64').toString();
}
