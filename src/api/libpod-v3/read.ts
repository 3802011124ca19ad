import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkLooks } from '../../network/network-looks.js';
import { isVersionBefore } from '../address.js';
import { readListFilters } from '../filters.js';
import { inspectForLibpod } from '../libpod/inspect.js';
import { etagHeader, setTag } from '../if-match.js';
import { LibpodFilters, LibpodParams } from '../libpod/schemas.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { answerPrinted, printOnce } from '../go/serializers.js';
import { libpodV3Statuses } from '../errors/statuses.js';
import * as examples from './examples.js';
import { v3ListFilters } from './filters.js';
import { writeReport } from './report.js';
import { V3Network, V3NetworkReport, V3NetworkReports } from './schemas.js';

const printReport = printOnce(V3NetworkReport, writeReport);
const printConflist = printOnce(V3Network, (conflist: object) => conflist);
const printConflists = printOnce(V3Network, (conflist: object) => [conflist]);

export function addList(instance: FastifyInstance, networks: NetworkLooks): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/networks/json',
    config: { role: 'read' },
    schema: {
      operationId: 'libpodV3NetworkList',
      summary: 'List networks in the order of their files',
      tags: ['networks'],
      querystring: LibpodFilters,
      response: {
        200: answer('The networks that match', V3NetworkReports, examples.listed),
        ...errorAnswers(libpodV3Statuses, examples.listErrors),
      },
    },
    async handler(request) {
      const found = await networks.list(readListFilters(request.query.filters, v3ListFilters, request.originalUrl));
      return found.map(printReport);
    },
  });
}

export function addInspect(instance: FastifyInstance, networks: NetworkLooks, url: string, operationId: string): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url,
    config: { role: 'read' },
    schema: {
      operationId,
      summary: 'Show the conflist of a network',
      tags: ['networks'],
      params: LibpodParams,
      response: {
        200: answer('The conflist', V3Network, examples.inspected, etagHeader),
        ...errorAnswers(libpodV3Statuses, examples.inspectErrors),
      },
    },
    async handler(request, reply) {
      request.networkName = request.params.name;
      const stored = await inspectForLibpod(networks, request.params.name);
      setTag(reply, networks.etagOf(stored));
      const print = unpacksArray(request.address.version) ? printConflists : printConflist;
      return answerPrinted(reply, print(stored.conflist));
    },
  });
}

/** Clients of Podman 2.0 to 3.0 do; a path of a version below is Docker's own, whose clients speak to libpod as the seed had it. */
function unpacksArray(version: string | undefined): boolean {
  return isVersionBefore(version, 3, 1) && !isVersionBefore(version, 2, 0);
}
