import { entry } from './entry.js';

const shareRule = 'a user gets no more than it leaves to the others';

/** A user of the socket, by number; undefined where numbers are not known and all count as one. */
function describeUser(uid: number | undefined): string {
  return uid === undefined ? 'an unknown user' : `user ${uid}`;
}

/** Requests that may succeed later as they are. */
export const busyErrors = {
  bodiesPending: entry({
    kind: 'busy',
    message: (d: { user: number | undefined; usedBytes: number; limitBytes: number }) =>
      `too many requests at once: those of ${describeUser(d.user)} hold ${d.usedBytes} of the ${d.limitBytes} bytes that all bodies may have; ` +
      `${shareRule}: send it again when others are answered`,
  }),
  streamsPending: entry({
    kind: 'busy',
    message: (d: { user: number | undefined; used: number; limit: number }) =>
      `too many event streams: ${describeUser(d.user)} has ${d.used} of the ${d.limit} that there may be; ` +
      `${shareRule}: end one first`,
  }),
  laneBusy: entry({
    kind: 'busy',
    message: (d: { waitedMs: number; lock: string; holder: string }) =>
      `the network configuration is locked: waited ${d.waitedMs} ms for ${d.lock}, held by ${d.holder}`,
    remedy: 'send the request again when the holder is done; end the holder if it hangs',
  }),
  laneSlow: entry({
    kind: 'busy',
    message: (d: { waitedMs: number; folder: string }) =>
      `podnetd itself is still writing changes to ${d.folder}: waited ${d.waitedMs} ms, and nothing of this request stays`,
    remedy: (d) =>
      `send the request again; if it comes often, look at the disk of ${d.folder}, or let requests wait longer with --lock-timeout`,
  }),
  laneLost: entry({
    kind: 'busy',
    message: (d: { folder: string }) => `the lock on ${d.folder} was taken away before anything was written`,
    remedy: 'send the request again',
  }),
  fileOvertaken: entry({
    kind: 'busy',
    message: (d: { path: string }) =>
      `file ${d.path} is being changed by another program: it was another one whenever it was to be changed or removed`,
    remedy: 'send the request again when that program is done',
  }),
  containerBusy: entry({
    kind: 'busy',
    message: (d: { container: string; network: string }) =>
      `container ${d.container} and network ${d.network} are being worked on by another process`,
    remedy: 'send the request again when that process is done',
  }),
  notReady: entry({
    kind: 'busy',
    message: (d: { reasons: Readonly<Record<string, string>>; remedies: readonly string[] }) =>
      `not ready: ${Object.entries(d.reasons)
        .map(([need, reason]) => `${need}: ${reason}`)
        .join('; ')}`,
    remedy: (d) => d.remedies.join('; ') || undefined,
  }),
};
