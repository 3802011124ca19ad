import { dialects, type Request } from './commands.js';
import type { Refusal } from './decisions.js';

/** Statuses of Docker's dialect, libpod 3 and libpod 4. */
const statuses: Readonly<Record<Refusal, readonly [number, number, number]>> = {
  nameInvalid: [400, 500, 400],
  nameReserved: [403, 500, 403],
  nameUsed: [409, 500, 409],
  driverUnknown: [501, 500, 400],
  bridgeUsed: [409, 500, 409],
  subnetUsed: [409, 500, 409],
  subnetsExhausted: [400, 500, 409],
  notFound: [404, 404, 404],
  ambiguous: [400, 500, 409],
  default: [403, 500, 403],
  foreign: [403, 500, 403],
  foreignChange: [403, 403, 403],
  filterUnknown: [500, 500, 500],
  fileExists: [409, 500, 409],
};

/** podnetd's own dialect has the statuses of Docker's. */
export function statusOf({ kind, dialect }: Request, refusal: Refusal): number {
  return statuses[refusal][dialects.indexOf(kind === 'update' ? 'compat' : dialect)] ?? 0;
}

/** @param subject the value that the message names */
export function wordsFor({ dialect, kind }: Request, refusal: Refusal, subject: string): string {
  const isOfPodman3 = dialect === 'libpod-v3';
  switch (refusal) {
    case 'nameInvalid':
      return `network name ${subject} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`;
    case 'nameReserved':
      return `cannot create network with name "${subject}" because it conflicts with a valid network mode`;
    case 'nameUsed':
      if (isOfPodman3) return `the network name ${subject} is already used`;
      return `network name ${subject} already used: network already exists`;
    case 'driverUnknown':
      return isOfPodman3 ? `driver '${subject}' is not supported` : `unsupported driver ${subject}: invalid argument`;
    case 'bridgeUsed':
      return `bridge name ${subject} already in use`;
    case 'subnetUsed':
      if (isOfPodman3) return `network ${subject} is already being used by a cni configuration`;
      return `subnet ${subject} is already used on the host or by another config`;
    case 'subnetsExhausted':
      return 'could not find free subnet from subnet pools';
    case 'notFound':
      if (dialect !== 'compat' && kind !== 'remove' && kind !== 'update') return 'network not found';
      if (isOfPodman3) return `unable to find network configuration for ${subject}: network not found`;
      return `unable to find network with name or ID ${subject}: network not found`;
    case 'ambiguous': {
      const text = `more than one result for network ID ${subject}`;
      if (kind !== 'inspect' || dialect === 'compat') return text;
      return `${isOfPodman3 ? 'error ' : ''}inspecting network ${subject}: ${text}`;
    }
    case 'default':
      return `default network ${subject} cannot be removed`;
    case 'foreign':
      return `network ${subject} cannot be removed`;
    case 'foreignChange':
      return `network ${subject} cannot be changed`;
    case 'filterUnknown':
      return `invalid filter "${subject}"`;
    case 'fileExists':
      return `file ${subject} already exists`;
  }
}
