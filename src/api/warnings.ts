import type { FastifyReply, FastifyRequest } from 'fastify';
import { shorten } from '../model/errors/shorten.js';
import { limits } from './limits.js';

/**
 * Notes a network for the request's log line, and reports in the log and in `Warning` headers (RFC 7234, code 299) where podnetd did not follow a
 * request to the letter: the answers of libpod have no place for it. Clients refuse a head of some ten kibibytes, so there are few headers and
 * short ones. The log has more of them, and the number of those that it lacks.
 */
export function reportWarnings(
  request: FastifyRequest,
  reply: FastifyReply,
  network: string,
  warnings: readonly string[],
): void {
  request.networkName = network;
  const about = { network: shorten(network, limits.loggedCharacters) };
  const { warningHeaders, warningCharacters, warningLines, loggedCharacters } = limits;
  for (const warning of warnings.slice(0, warningLines)) request.log.warn(about, shorten(warning, loggedCharacters));
  const unlogged = warnings.length - warningLines;
  if (unlogged > 0)
    request.log.warn({ ...about, unlogged }, `${unlogged} more warnings of this request are not logged`);
  if (warnings.length === 0) return;
  const shown = warnings.slice(0, warningHeaders).map((warning) => shorten(warning, warningCharacters));
  const unshown = warnings.length - warningHeaders;
  if (unshown > 0) shown.push(`${unshown} more warnings are in the log of podnetd for request ${request.id}`);
  // A header value holds visible ASCII; what a client sent may be anything.
  reply.header(
    'warning',
    shown.map((warning) => `299 podnetd ${toQuotedString(warning)}`),
  );
}

function toQuotedString(text: string): string {
  return `"${text.replaceAll(/[^ -~]/g, '?').replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
