import { entry } from './entry.js';

const otherSocket = 'send it to a socket without a label';

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
    remedy: otherSocket,
  }),
  labelContradicted: entry({
    kind: 'forbidden',
    /** @param d `value` is the other value that is asked for; undefined where the label is to be taken away */
    message: (d: { key: string; value: string | undefined; scope: string }) =>
      d.value === undefined
        ? `label ${d.key} cannot be taken away: networks of this socket have the label ${d.scope}`
        : `label ${d.key}=${d.value} cannot be given: networks of this socket have the label ${d.scope}`,
    remedy: (d) => `leave label ${d.key} as ${d.scope}, or ${otherSocket}`,
  }),
  revisionWithheld: entry({
    kind: 'forbidden',
    message: (d: { scope: string }) =>
      `If-Match of a create is about all networks of the host, and this socket shows those with the label ${d.scope} alone: leave the header out, or ${otherSocket}`,
  }),
  recordsUnreadable: entry({
    kind: 'storage',
    message: () =>
      "what this host records of its containers cannot be read: podnetd's log says why, and GET /podnetd/v1/problems of a socket without a label",
  }),
};
