import { entry } from './entry.js';

/** Requests that need more than their socket gives. */
export const roleErrors = {
  roleInsufficient: entry({
    kind: 'forbidden',
    message: (d: { socket: string; role: string; need: string; sufficient: readonly string[] }) =>
      `${d.socket} has the role ${d.role}, and this request needs the role ${d.need}`,
    remedy: (d) => `send it to a socket with the role ${d.sufficient.join(' or ')}`,
  }),
  labelInsufficient: entry({
    kind: 'forbidden',
    message: (d: { socket: string; label: string }) =>
      `${d.socket} shows networks with the label ${d.label} alone, and this request is about all networks of the host`,
    remedy: 'send it to a socket without a label',
  }),
};
