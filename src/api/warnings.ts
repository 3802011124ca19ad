import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Notes a network for the request's log line, and tells what went not quite as asked in the log and in `Warning` headers (RFC 7234, code
 * 299): the answers of libpod have no place for it.
 */
export function reportWarnings(
  request: FastifyRequest,
  reply: FastifyReply,
  network: string,
  warnings: readonly string[],
): void {
  request.networkName = network;
  for (const warning of warnings) request.log.warn({ network }, warning);
  // A header value holds visible ASCII; what a client sent may be anything.
  if (warnings.length > 0)
    reply.header(
      'warning',
      warnings.map((warning) => `299 podnetd ${toQuotedString(warning)}`),
    );
}

function toQuotedString(text: string): string {
  return `"${text.replaceAll(/[^ -~]/g, '?').replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
