import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PruneOutcome } from '../network/remove/prune.js';
import { reportWarnings } from './warnings.js';

/**
 * The answer has room for the removed networks only. Warnings and the log have the rest.
 *
 * @returns the names of what is gone
 * @throws NetworkError when nothing is gone and something failed
 */
export function reportPruned(
  request: FastifyRequest,
  reply: FastifyReply,
  outcomes: readonly PruneOutcome[],
): readonly string[] {
  const names = outcomes.flatMap(({ network, error }) => {
    return network === undefined || error !== undefined ? [] : [network.network.name];
  });
  const [first] = outcomes;
  if (names.length === 0 && first?.error !== undefined) throw first.error;
  reportWarnings(request, reply, names.join(','), outcomes.flatMap(tellWarnings));
  return names;
}

function tellWarnings({ error, warnings }: PruneOutcome): readonly string[] {
  return error === undefined ? warnings : [error.message];
}
