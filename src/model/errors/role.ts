import { sufficientRoles, type Role } from '../role.js';
import { entry } from './entry.js';

/** Requests that need more than their socket's role. */
export const roleErrors = {
  roleInsufficient: entry({
    kind: 'forbidden',
    message: (d: { socket: string; role: Role; need: Role }) =>
      `${d.socket} has the role ${d.role}, and this request needs the role ${d.need}`,
    remedy: (d) => `send it to a socket with the role ${sufficientRoles(d.need).join(' or ')}`,
  }),
};
