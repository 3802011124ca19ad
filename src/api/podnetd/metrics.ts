import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { Exposition } from '../../network/dependencies/exposition.js';
import { chooseForm, expositionTypes } from './accepted-form.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';

/** Also that of scrapes over TCP. */
export const metricsOperation = 'podnetdMetrics';

const example = [
  '# HELP podnetd_networks Networks that a list shows',
  '# TYPE podnetd_networks gauge',
  'podnetd_networks{driver="bridge",owner="own"} 3',
  '',
].join('\n');

const text = { schema: Type.String(), examples: { some: { summary: 'one of the metrics', value: example } } };

/** Metrics for Prometheus, and for other programs that read its text formats. */
export function addMetrics(instance: FastifyInstance, metrics: Exposition): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/metrics',
    config: { role: 'read', isHostWide: true },
    schema: {
      operationId: metricsOperation,
      summary:
        'Metrics in the text format of Prometheus 0.0.4, or of OpenMetrics 1.0 where the header Accept prefers it',
      tags: ['system'],
      response: {
        200: {
          description: 'The metrics',
          content: { 'text/plain': text, 'application/openmetrics-text': text },
        },
        ...remediedAnswers(exampleErrors.diskFailed),
      },
    },
    async handler(request, reply) {
      const form = chooseForm(request.headers.accept);
      const printed = await metrics.print(form);
      return await reply.type(expositionTypes[form]).serializer(String).send(printed);
    },
  });
}
