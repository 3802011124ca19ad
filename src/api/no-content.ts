import type { FastifyReply } from 'fastify';

/**
 * Answers 204. A handler that returns nothing would not do: Fastify sends no undefined payload once the client has gone, and so runs none of the hooks that
 * record the request. source: fastify lib/wrap-thenable.js@v5
 */
export async function answerNoContent(reply: FastifyReply): Promise<FastifyReply> {
  return await reply.code(204).send();
}
