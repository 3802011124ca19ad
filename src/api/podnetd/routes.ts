import { Type } from '@sinclair/typebox';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../network/services.js';
import { goBooleans } from '../booleans.js';
import type { Dialect } from '../dialect.js';
import { answer, internalAnswer } from '../errors/route-schemas.js';
import { compatStatuses, filterStatuses } from '../errors/statuses.js';
import { dockerApiVersion, libpodApiVersion, minDockerApiVersion, podnetdVersion } from '../handshake/versions.js';
import { addAddresses } from './addresses.js';
import { addAttachments } from './attachments.js';
import { addCollect } from './collect.js';
import { addConnect } from './connect.js';
import { addDisconnect } from './disconnect.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';
import { addDoctor } from './doctor.js';
import { addFleet } from './fleet.js';
import { addFreePrefixes } from './free-prefixes.js';
import { addMetrics } from './metrics.js';
import { addPlan } from './plan.js';
import { addPools } from './pools.js';
import { addReadiness } from './readiness.js';
import { addUpdate } from './update.js';

/** What no peer has, where no network's name can collide with it. */
export const podnetd: Dialect = {
  name: 'podnetd',
  statuses: compatStatuses,
  overrides: filterStatuses,
  texts: {},
  booleans: goBooleans,
  showsRemedies: true,
  addRoutes(
    app,
    { networks, changesFor, planner, pools, attachments, addresses, problems, metrics, doctor, fleet },
    _readMachine,
    readiness,
  ) {
    addVersion(app);
    addReadiness(app, readiness);
    addProblems(app, problems);
    addMetrics(app, metrics);
    addDoctor(app, doctor);
    addFleet(app, fleet);
    addPlan(app, planner);
    addPools(app, pools);
    addFreePrefixes(app, pools);
    addUpdate(app, networks, changesFor, attachments);
    addConnect(app, attachments);
    addDisconnect(app, attachments);
    addAttachments(app, networks, attachments);
    addAddresses(app, addresses);
    addCollect(app, attachments);
  },
};

const PodnetdVersion = Type.Object(
  {
    version: Type.String({ description: 'Of podnetd' }),
    dockerApi: Type.Object({ version: Type.String(), minimum: Type.String() }, { title: 'DockerApiVersions' }),
    libpodApi: Type.Object({ version: Type.String() }, { title: 'LibpodApiVersion' }),
  },
  { title: 'PodnetdVersion' },
);

const version = {
  version: podnetdVersion,
  dockerApi: { version: dockerApiVersion, minimum: minDockerApiVersion },
  libpodApi: { version: libpodApiVersion },
};

function addVersion(instance: FastifyInstance): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/version',
    config: { role: 'read' },
    schema: {
      operationId: 'podnetdVersion',
      summary: 'The version of podnetd, and of the APIs that it announces',
      tags: ['system'],
      response: {
        200: answer('Versions', PodnetdVersion, { version: { summary: 'this version', value: version } }),
        ...internalAnswer,
      },
    },
    handler: () => version,
  });
}

const Problems = Type.Array(
  Type.Object(
    {
      path: Type.String({ description: 'Absolute path of the file' }),
      reason: Type.String(),
      line: Type.Optional(Type.Integer({ description: 'Of the fault, counted from 1, where it is known' })),
    },
    { title: 'FileProblem' },
  ),
);

function addProblems(instance: FastifyInstance, problems: Services['problems']): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/problems',
    config: { role: 'read' },
    schema: {
      operationId: 'podnetdProblems',
      summary:
        'Files that cannot be used, and attachments that can be neither made nor undone, with the reason, by path',
      tags: ['networks'],
      response: {
        200: answer('The files', Problems, {
          none: { summary: 'all is well', value: [] },
          broken: {
            summary: 'a file that is no JSON',
            value: [{ path: '/etc/cni/net.d/web.conflist', reason: 'Unexpected end of JSON input', line: 7 }],
          },
        }),
        ...remediedAnswers(exampleErrors.diskFailed),
      },
    },
    async handler() {
      return (await problems.list()).toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
  });
}
