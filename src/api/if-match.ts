import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NetworkError } from '../model/errors/errors.js';
import { exampleTag } from './example-story.js';
import type { ExpectedRevisions, ExpectedTags } from '../model/revision.js';

const header = 'if-match';

/** In the schema of a route that makes a network. */
export const IfMatchHeaders = Type.Object({
  'If-Match': Type.Optional(
    Type.String({
      description:
        'The `revision` of a plan, in double quotes: the network is made only if nothing that the plan rests on has changed since (networks, the ' +
        "host's links, addresses, routes and DNS servers, pools and reservations); otherwise the answer is 412",
      examples: ['"5f1d7a84db00d2fce00b31a7fc73224f"'],
    }),
  ),
});

/** In the schema of a route that changes a network, or who is on it. */
export const IfMatchTagHeaders = Type.Object({
  'If-Match': Type.Optional(
    Type.String({
      description:
        'The `ETag` of an inspect, in double quotes: the request is fulfilled only if the network is as it was then; otherwise the answer is 412 and names ' +
        'what has changed',
      examples: [`"${exampleTag}"`],
    }),
  ),
});

/** In the answers of a route that shows a network; {@link setTag} sets it. */
export const etagHeader = {
  ETag: {
    type: 'string',
    examples: [`"${exampleTag}"`],
    description:
      'Stands for the file of the network, its content and time, and not for who is on the network. Update, remove and connect take it in `If-Match`',
  },
};

export function setTag(reply: FastifyReply, tag: string): void {
  reply.header('etag', `"${tag}"`);
}

/** Refuses the condition on a change that would be made without a look at it. */
export function refuseUnusedConditions(app: FastifyInstance): void {
  app.addHook('preValidation', (request, _reply, done) => {
    const { method, originalUrl, is404, routeOptions } = request;
    if (request.raw.headers[header] === undefined || is404 || method === 'GET' || method === 'HEAD') return done();
    const { headers } = routeOptions.schema ?? {};
    if (headers === IfMatchHeaders || headers === IfMatchTagHeaders) return done();
    done(new NetworkError('ifMatchUnsupported', { request: `${method} ${originalUrl.split('?', 1)[0] ?? ''}` }));
  });
}

/**
 * The revisions, or the tags, of an `If-Match` header; undefined without one, and for `*`, which any state meets. A weak tag meets none. source: RFC 9110, 13.1.1
 *
 * @throws NetworkError invalid
 */
export function readIfMatch(request: FastifyRequest): ExpectedRevisions & ExpectedTags {
  const value = request.raw.headers[header];
  if (value === undefined || value.trim() === '*') return undefined;
  const tags = value.split(',').map((tag) => tag.trim());
  return tags.map((tag) => {
    const revision = /^(?:W\/)?"([^"]*)"$/.exec(tag)?.[1] ?? /^[\w+]+$/.exec(tag)?.[0];
    if (revision === undefined) throw new NetworkError('ifMatchInvalid', { value });
    return tag.startsWith('W/') ? tag : revision;
  });
}
