import type { FastifyInstance } from 'fastify';
import type { ErrorCode, ErrorDetails } from '../model/errors/catalogue.js';
import type { ErrorKind } from '../model/errors/entry.js';
import type { Machine } from '../model/machine.js';
import type { Readiness } from '../network/readiness.js';
import type { Services } from '../network/services.js';
import type { DialectName } from './address.js';

/** A text of a dialect's own: the message, and the innermost cause where it differs. */
export type ErrorText = string | { readonly message: string; readonly cause: string };

export type ErrorTexts = { readonly [C in ErrorCode]?: (details: ErrorDetails[C]) => ErrorText };

export type StatusTable = Readonly<Record<ErrorKind, number>>;

/** Errors whose status is not that of their kind. */
export type StatusOverrides = { readonly [C in ErrorCode]?: number };

/** One of the APIs: its routes, and the form of its errors. */
export interface Dialect {
  readonly name: DialectName;
  readonly statuses: StatusTable;
  readonly overrides: StatusOverrides;
  readonly texts: ErrorTexts;
  /** Whether the body of an error has its remedy; Podman's error model has no member for one. */
  readonly showsRemedies: boolean;
  addRoutes(
    app: FastifyInstance,
    services: Services,
    readMachine: () => Machine,
    readiness: Pick<Readiness, 'look'>,
  ): void;
}
