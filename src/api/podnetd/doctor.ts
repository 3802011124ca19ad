import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type, type Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { Finding } from '../../model/finding.js';
import type { Doctor } from '../../network/dependencies/doctor.js';
import { answer } from '../errors/route-schemas.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';

const FindingBody = Type.Object(
  {
    code: Type.String({ description: 'Stable: podnetd-doctor(7) and systemd/doctor.md list all' }),
    severity: Type.String({ description: 'error, warning or note' }),
    title: Type.String({ description: 'The same for each finding of the code' }),
    seen: Type.String({ description: 'The names and values that podnetd saw' }),
    why: Type.String({ description: 'What follows from it' }),
    remedy: Type.String({ description: 'A command, or a sentence that has one' }),
    fixable: Type.Boolean({ description: 'Whether `podnetd doctor --fix` does it' }),
    caused_by: Type.Optional(
      Type.String({ description: 'Code of the finding before it that it follows from; absent where there is none' }),
    ),
  },
  { title: 'Finding' },
);

/** Also for a program that asks a daemon, and for one that looks itself. */
export const FindingsBody = Type.Object(
  {
    findings: Type.Array(FindingBody, {
      description: 'Errors first; each finding that follows from another comes behind that one',
    }),
  },
  { title: 'Findings' },
);
export type FindingsBody = Static<typeof FindingsBody>;

const example = {
  code: 'lease-orphan',
  severity: 'warning',
  title: 'An address is leased to a container that is gone',
  seen: '10.89.0.7 of network web, for container 7d3c1f2a90b4',
  why: 'host-local gives the address to no other container, until the subnet is exhausted.',
  remedy: 'podnetd doctor --fix --only lease-orphan',
  fixable: true,
};

/** Shows what is wrong with the networks of this host. */
export function addDoctor(instance: FastifyInstance, doctor: Doctor): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/doctor',
    config: { role: 'read', isHostWide: true },
    schema: {
      operationId: 'podnetdDoctor',
      summary: 'What is wrong with the networks of this host, why it matters, and the remedy',
      tags: ['system'],
      response: {
        200: answer('The findings', FindingsBody, {
          none: { summary: 'all is well', value: { findings: [] } },
          some: {
            summary: 'an address that a dead container has, and the rules that follow from that',
            value: {
              findings: [
                example,
                {
                  ...example,
                  code: 'masquerade-left',
                  title: 'Masquerading rules of a container that is gone are left',
                  seen: '2 rules for 10.89.0.7/32 of container 7d3c1f2a90b4 on network web',
                  why: 'Each packet of a new connection passes them, and the next container with the address gets the same rules a second time.',
                  remedy: 'podnetd doctor --fix --only masquerade-left',
                  caused_by: 'lease-orphan',
                },
              ],
            },
          },
        }),
        ...remediedAnswers(exampleErrors.diskFailed),
      },
    },
    async handler() {
      return writeFindings(await doctor.examine());
    },
  });
}

export function writeFindings(findings: readonly Finding[]): FindingsBody {
  return {
    findings: findings.map(({ code, severity, title, seen, why, remedy, isFixable, causedBy }) => ({
      code,
      severity,
      title,
      seen,
      why,
      remedy,
      fixable: isFixable,
      ...(causedBy !== undefined && { caused_by: causedBy }),
    })),
  };
}
