import { Type, type TSchema } from '@sinclair/typebox';
import { ErrorBody, tooLargeMessage } from './error-body.js';
import type { StatusTable } from '../dialect.js';
import type { ErrorKind } from '../../model/errors/entry.js';
import { dryRunStatus, filterStatuses } from './statuses.js';

export interface AnswerExample {
  readonly summary: string;
  readonly value: unknown;
}

/** A JSON answer of a route, as OpenAPI has it. */
export function answer(
  description: string,
  schema: TSchema,
  examples: Readonly<Record<string, AnswerExample>>,
  headers?: Readonly<Record<string, object>>,
): unknown {
  return { description, ...(headers && { headers }), content: { 'application/json': { schema, examples } } };
}

/** An example for each kind of error that a route can answer with; filters and dry runs have statuses of their own. */
export type ErrorExamples = Partial<Readonly<Record<ErrorKind | keyof typeof ownStatuses, string>>>;

const ownStatuses = { filter: filterStatuses.filterUnknown, dryRun: dryRunStatus };

/** The error answers of a route: one a status, with the kinds that lead to it and an example each. */
export function errorAnswers(statuses: StatusTable, messages: ErrorExamples): Record<number, unknown> {
  return groupAnswers(
    ErrorBody,
    Object.entries(messages).map(([summary, message]) => ({
      status: { ...statuses, ...ownStatuses }[summary as keyof ErrorExamples],
      summary,
      body: { cause: message, message },
    })),
  );
}

/** The same from bodies that lack the status alone. */
export function groupAnswers(
  schema: TSchema,
  examples: readonly { readonly status: number; readonly summary: string; readonly body: object }[],
): Record<number, unknown> {
  const statuses = new Set(examples.map(({ status }) => status));
  const answers = [...statuses].map((response) => {
    const alike = examples.filter(({ status }) => status === response);
    const named = alike.map(({ summary, body }) => [summary, { summary, value: { ...body, response } }]);
    return [response, answer(alike.map(({ summary }) => summary).join(', '), schema, Object.fromEntries(named))];
  });
  return Object.fromEntries(answers) as Record<number, unknown>;
}

/** The answers with one more example of an error; the answer with its status is made where there is none. */
export function addErrorExample(
  answers: Readonly<Record<number, unknown>>,
  schema: TSchema,
  { summary, body }: { readonly summary: string; readonly body: { readonly response: number } },
): Readonly<Record<number, unknown>> {
  const { response } = body;
  const example = { [summary]: { summary, value: body } };
  const there = answers[response] as DocumentedAnswer | undefined;
  if (there === undefined) return { ...answers, [response]: answer(summary, schema, example) };
  const examples = { ...there.content['application/json'].examples, ...example };
  return { ...answers, [response]: answer(`${there.description}, ${summary}`, schema, examples) };
}

interface DocumentedAnswer {
  readonly description: string;
  readonly content: { readonly 'application/json': { readonly examples: Readonly<Record<string, AnswerExample>> } };
}

/** In Podman's words. */
export const doneAnswer = {
  200: { description: 'Done', content: { 'text/plain': { schema: Type.String({ examples: ['OK\n'] }) } } },
};

/** The answer of every route that takes a body. */
export const tooLargeAnswer = {
  413: answer('The body is too large', ErrorBody, {
    tooLarge: {
      summary: 'over 1 MiB',
      value: { cause: tooLargeMessage, message: tooLargeMessage, response: 413 },
    },
  }),
};

const internalMessage = 'internal error, see the log of podnetd for request 6f2d1c1e-6a53-4b0e-9c5a-0d7b8a1f2e3d';

/** The answer to a bug. */
export const internalAnswer = {
  500: answer('A bug of podnetd', ErrorBody, {
    internal: {
      summary: 'internal',
      value: { cause: internalMessage, message: internalMessage, response: 500 },
    },
  }),
};
