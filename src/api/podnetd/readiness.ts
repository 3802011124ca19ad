import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import type { Need, Readiness } from '../../network/readiness.js';
import { answer } from '../errors/route-schemas.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';

const needs: readonly Need[] = ['folder', 'lock', 'plugins', 'socket'];

const ruleOfNeeds = `${needs.join(', ')}, separated by commas`;

const ReadinessReport = Type.Object(
  { checked: Type.Array(Type.String({ description: needs.join(', ') }), { description: 'All can be had' }) },
  { title: 'Readiness' },
);

/** `/_ping` says that the server answers; this, whether it can do anything. */
export function addReadiness(instance: FastifyInstance, readiness: Pick<Readiness, 'look'>): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/ready',
    config: { role: 'read' },
    schema: {
      operationId: 'podnetdReady',
      summary: 'Whether the folder can be listed, the lock be had, and the plugins and the socket be found',
      tags: ['system'],
      querystring: Type.Object({
        exclude: Type.Optional(
          Type.String({
            description: `Not asked about, separated by commas: ${needs.join(', ')}`,
            examples: ['plugins'],
          }),
        ),
      }),
      response: {
        200: answer('Ready', ReadinessReport, { ready: { summary: 'ready', value: { checked: needs } } }),
        ...remediedAnswers(
          new NetworkError('notReady', {
            reasons: { folder: exampleErrors.diskFailed.message, lock: 'not had within 2000 ms: others hold it' },
            remedies: [exampleErrors.diskFailed.remedy ?? ''],
          }),
          new NetworkError('queryInvalid', {
            url: '/podnetd/v1/ready?exclude=x',
            parameter: 'exclude',
            rule: ruleOfNeeds,
          }),
        ),
      },
    },
    async handler(request) {
      const excluded = (request.query.exclude ?? '').split(',').filter((name) => name !== '');
      if (!excluded.every((name) => needs.some((need) => need === name)))
        throw new NetworkError('queryInvalid', { url: request.originalUrl, parameter: 'exclude', rule: ruleOfNeeds });
      const found = await readiness.look(needs.filter((need) => !excluded.includes(need)));
      const failed = found.flatMap(({ need, reason }) => (reason === undefined ? [] : [[need, reason] as const]));
      const remedies = found.flatMap(({ remedy }) => remedy ?? []);
      if (failed.length > 0) throw new NetworkError('notReady', { reasons: Object.fromEntries(failed), remedies });
      return { checked: found.map(({ need }) => need) };
    },
  });
}
