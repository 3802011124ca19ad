import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkPlanner } from '../../network/planner.js';
import { DetailedRefusal, RemediedErrorBody } from '../errors/error-body.js';
import { answer, groupAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { compatStatuses } from '../errors/statuses.js';
import { exampleNetwork } from '../example-story.js';
import { compileSerializer, printOnce } from '../go/serializers.js';
import { createBodies, network as exampleNetworks } from '../libpod-v4/examples.js';
import { V4CreateBody, V4Network } from '../libpod-v4/schemas.js';
import { readCreateBody, writeNetwork } from '../libpod-v4/translate.js';
import { exampleExplanation, ExplanationBody, writeExplanation } from './explanation.js';
import { exampleErrors } from './error-answers.js';

const RevisionText = Type.String({
  description:
    "Changes with all that the plan rests on: networks, the host's links, addresses, routes and DNS servers, pools and reservations. A create " +
    'takes it in `If-Match`, in double quotes',
});

const Plan = Type.Object(
  {
    network: V4Network,
    path: Type.String({ description: 'Absolute path of the file' }),
    conflist: Type.String({ description: 'Text of the file, byte for byte' }),
    warnings: Type.Array(Type.String()),
    revision: RevisionText,
    explanation: Type.Array(ExplanationBody, { description: 'One for each subnet' }),
  },
  { title: 'NetworkPlan' },
);

/** The error model, with what a plan has besides; a request that is wrong by itself is refused without a plan. */
const RefusedPlan = Type.Object(
  {
    ...RemediedErrorBody.properties,
    revision: Type.Optional(RevisionText),
    explanation: Type.Optional(
      Type.Array(ExplanationBody, {
        description: 'One for each subnet that the network would have, with all that is in the way',
      }),
    ),
  },
  { title: 'RefusedNetworkPlan' },
);
/** Plans of one state share their explanations. */
const showExplanation = printOnce(ExplanationBody, writeExplanation);
const printRefusal = compileSerializer({ schema: RefusedPlan });

const exampleRevision = '5f1d7a84db00d2fce00b31a7fc73224f';

const refusals: readonly (readonly [error: NetworkError, members: object])[] = [
  [new NetworkError('driverUnsupported', { driver: 'overlay', known: ['bridge', 'macvlan', 'ipvlan'] }), {}],
  [
    new NetworkError('nameUsed', { name: exampleNetwork.name }),
    { revision: exampleRevision, explanation: [exampleExplanation] },
  ],
  [new NetworkError('nameInvalid', { name: 'a/b' }), {}],
  [new NetworkError('nameReserved', { name: 'host' }), {}],
  [exampleErrors.diskFailed, {}],
];

/** Answers with the network that a create would make now. It takes libpod 4's body, and the dialect's own form of it. */
export function addPlan(instance: FastifyInstance, planner: NetworkPlanner): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/v1/networks/plan',
    config: { role: 'read', isHostWide: true },
    schema: {
      operationId: 'podnetdNetworkPlan',
      summary: 'Show the network that a create would make now; nothing is made, and nothing is reserved',
      tags: ['networks'],
      body: { ...V4CreateBody, examples: createBodies },
      response: {
        200: answer('The plan', Plan, {
          planned: {
            summary: 'a bridge network',
            value: {
              network: exampleNetworks['network']?.value,
              path: `/etc/cni/net.d/${exampleNetwork.name}.conflist`,
              conflist: '{\n   "cniVersion": "0.4.0",\n   "name": "web",\n   …\n}\n',
              warnings: [],
              revision: exampleRevision,
              explanation: [exampleExplanation],
            },
          },
        }),
        ...tooLargeAnswer,
        ...groupAnswers(
          RefusedPlan,
          refusals.map(([{ kind, message, root, remedy }, members]) => ({
            status: compatStatuses[kind],
            summary: kind,
            body: { cause: root, message, ...(remedy !== undefined && { remedy }), ...members },
          })),
        ),
      },
    },
    async handler(request) {
      const { body } = request;
      request.networkName = body.name;
      const plan = await planner.plan(readCreateBody(body));
      if ('refusal' in plan) {
        const members = { revision: plan.revision, explanation: plan.explanation.map(showExplanation) };
        throw new DetailedRefusal(plan.refusal, members, printRefusal);
      }
      const { stored, warnings } = plan;
      request.networkName = stored.network.name;
      return {
        network: writeNetwork(stored.network),
        path: stored.path ?? '',
        conflist: stored.text,
        warnings: [...warnings],
        revision: plan.revision,
        explanation: plan.explanation.map(showExplanation),
      };
    },
  });
}
