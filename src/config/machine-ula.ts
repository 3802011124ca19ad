import { createHmac } from 'node:crypto';
import { makeCidr } from '../ip/cidr.js';
import type { Cidr } from '../model/address.js';

/**
 * A /48 of fd00::/8 that is the same at each start of one machine, and another on each machine. Its 40 bits are hashed with podnetd's own name, because
 * a machine's id is a secret. source of the idea: moby, deriveULABaseNetwork; machine-id(5)
 *
 * @param machineId 32 hexadecimal digits
 */
export function deriveUla(machineId: string): Cidr {
  const digits = createHmac('sha256', machineId).update('podnetd unique local addresses').digest('hex').slice(0, 10);
  return makeCidr({ family: 6, value: BigInt(`0xfd${digits}`) << 80n }, 48);
}
