import type { FastifyInstance } from 'fastify';
import type { ErrorCode, ErrorDetails } from '../model/errors/catalogue.js';
import type { ErrorKind } from '../model/errors/entry.js';
import type { Machine } from '../model/machine.js';
import type { Readiness } from '../network/readiness.js';
import type { Services } from '../network/services.js';
import type { DialectName } from './address.js';
import type { Booleans } from './booleans.js';
import type { ChangesFor } from './dry-run.js';

/** A text of a dialect's own: the message, and the innermost cause where it differs. */
export type ErrorText = string | { readonly message: string; readonly cause: string };

export type ErrorTexts = { readonly [C in ErrorCode]?: (details: ErrorDetails[C]) => ErrorText };

export type StatusTable = Readonly<Record<ErrorKind, number>>;

/** Errors whose status is not that of their kind. */
export type StatusOverrides = { readonly [C in ErrorCode]?: number };

/** The services as routes get them: a route that changes networks has to have the changes chosen for its request. */
export type RouteServices = Omit<Services, 'changes' | 'changesOf' | 'previews' | 'within'> & {
  readonly changesFor: ChangesFor;
};

/** One of the APIs: its routes, and the form of its errors. */
export interface Dialect {
  readonly name: DialectName;
  readonly statuses: StatusTable;
  readonly overrides: StatusOverrides;
  readonly texts: ErrorTexts;
  /** Whether the body of an error has its remedy; Podman's error model has no member for one. */
  readonly showsRemedies: boolean;
  readonly booleans: Booleans;
  addRoutes(
    app: FastifyInstance,
    services: RouteServices,
    readMachine: () => Machine,
    readiness: Pick<Readiness, 'look'>,
  ): void;
}
