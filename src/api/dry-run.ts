import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NetworkError } from '../model/errors/errors.js';
import type { NetworkChanges } from '../network/network-changes.js';
import type { Services } from '../network/services.js';
import type { Booleans } from './booleans.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request asks for the answer alone, without the change. */
    isDryRun: boolean;
  }
}

const description =
  'Answer as if it were done, with the header `Podnetd-Dry-Run: true`, and change nothing. Nothing is reserved by it';

/** In the query's schema of a route that changes networks by {@link ChangesFor}: so the route says that it can be tried. */
export const DryRun = { dryRun: Type.Optional(Type.Boolean({ description })) };

/** The same, with Docker's words for true and false. */
export const DockerDryRun = {
  dryRun: Type.Optional(Type.String({ description, examples: ['true'] })),
};

/** The changes that a request's handler may make: those of podnetd, or for a dry run those that are only foreseen. */
export type ChangesFor = (request: FastifyRequest) => NetworkChanges;

export function chooseChanges({
  changes,
  changesOf,
  previews,
}: Pick<Services, 'changes' | 'changesOf' | 'previews'>): ChangesFor {
  return ({ isDryRun, audited }) => (isDryRun ? previews : audited === undefined ? changes : changesOf(audited));
}

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Reads `dryRun` of each request before its route's handler. A route whose schema does not have it is refused where it would change something,
 * although other unknown parameters are ignored as in Podman: a client that only tries a connect must not get one.
 */
export function addDryRuns(app: FastifyInstance, booleans: Booleans): void {
  app.decorateRequest('isDryRun', false);
  app.addHook('preValidation', (request, reply, done) => {
    const given = lastOf(request.query);
    if (given === undefined || request.is404) return done();
    const isDryRun = booleans.read(given);
    if (isDryRun === undefined)
      return done(new NetworkError('dryRunInvalid', { value: given, allowed: booleans.words }));
    if (!isDryRun || reading.has(request.method)) return done();
    if (!isDeclared(request.routeOptions.schema?.querystring)) {
      const path = request.originalUrl.split('?', 1)[0] ?? '';
      return done(new NetworkError('dryRunUnsupported', { request: `${request.method} ${path}` }));
    }
    request.isDryRun = true;
    reply.header('podnetd-dry-run', 'true');
    done();
  });
}

/** Keys match in any case and the last value wins, as for every other parameter. */
function lastOf(query: unknown): string | undefined {
  let last: string | undefined;
  for (const [key, value] of Object.entries(query as Readonly<Record<string, string | readonly string[]>>)) {
    if (key.toLowerCase() === 'dryrun') last = typeof value === 'string' ? value : value.at(-1);
  }
  return last;
}

function isDeclared(querystring: unknown): boolean {
  const { properties = {} } = (querystring ?? {}) as { readonly properties?: object };
  return 'dryRun' in properties;
}
