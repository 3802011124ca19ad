import { createHmac } from 'node:crypto';
import { makeCidr } from '../ip/cidr.js';
import type { Cidr } from '../model/address.js';
import type { Identity } from './identity.js';

/**
 * A /48 of fd00::/8 that is the same at each start of one machine, and another on each machine. Its 40 bits are hashed with podnetd's own name, because
 * a machine's id is a secret. source of the idea: moby, deriveULABaseNetwork; machine-id(5)
 *
 * @param machineId 32 hexadecimal digits
 */
export function deriveUla(machineId: string): Cidr {
  const digits = digest(machineId, 'unique local addresses').slice(0, 10);
  return makeCidr({ family: 6, value: BigInt(`0xfd${digits}`) << 80n }, 48);
}

/**
 * The id of a machine among others, 32 hexadecimal digits; each user of the machine has another. It reaches other machines, so it is hashed as well.
 *
 * @param machineId 32 hexadecimal digits
 */
export function deriveHost(machineId: string, { euid, rootless }: Pick<Identity, 'euid' | 'rootless'>): string {
  return digest(machineId, rootless ? `host of user ${euid}` : 'host').slice(0, 32);
}

function digest(machineId: string, purpose: string): string {
  return createHmac('sha256', machineId).update(`podnetd ${purpose}`).digest('hex');
}
