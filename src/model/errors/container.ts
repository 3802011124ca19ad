import { entry } from './entry.js';

/** The owner of a network namespace that is no container's. */
const netnsOwners = {
  podnetd: "podnetd's own",
  host: "the host's own (that of process 1)",
  user: "the one that has this user's networks",
  otherUser: "the one that has the networks of another user's podnetd",
} as const;

/** Containers and network namespaces that cannot be found or used. */
export const containerErrors = {
  containerNameEmpty: entry({
    kind: 'invalid',
    message: () => 'name or ID cannot be empty',
    remedy: 'give container a name or id, or the path or name of a network namespace',
  }),
  containerNotFound: entry({
    kind: 'notFound',
    /** @param d `disbelieved` are files that say otherwise, each with why it is not believed */
    message: (d: { nameOrId: string; disbelieved?: readonly string[] }) =>
      `no container with name or ID "${d.nameOrId}" found${besides(d)}: no such container`,
    remedy:
      'name a container that is on a network, as GET /podnetd/v1/attachments lists them, or a network namespace, as /run/netns/web1 or /proc/4711/ns/net',
    root: 'no such container',
  }),
  containerAmbiguous: entry({
    kind: 'ambiguous',
    message: (d: { nameOrId: string; containers: readonly string[] }) =>
      `more than one result for container name or ID ${d.nameOrId}: ${d.containers.join(', ')}`,
    remedy: 'give the whole id of one of them',
  }),
  containerGone: entry({
    kind: 'notFound',
    message: (d: { container: string; netns: string }) =>
      `container ${d.container} has ended: its network namespace ${d.netns} is not there: no such container`,
    remedy: 'start it again first',
    root: 'no such container',
  }),
  netnsUnusable: entry({
    kind: 'invalid',
    message: (d: { netns: string; reason: string }) => `network namespace ${d.netns} cannot be used: ${d.reason}`,
    remedy: 'name one that "ip netns" lists, or the /proc/PID/ns/net of a process inside',
  }),
  netnsReserved: entry({
    kind: 'invalid',
    message: (d: { netns: string; owner: keyof typeof netnsOwners }) =>
      `network namespace ${d.netns} is ${netnsOwners[d.owner]}, which no network is connected to: ` +
      'only a container that has a network namespace of its own can be connected; run it without --network host, or make one with "ip netns add"',
  }),
};

/** @returns files that are not believed, behind what they contradict */
export function besides({ disbelieved = [] }: { readonly disbelieved?: readonly string[] }): string {
  return disbelieved.length === 0 ? '' : `; not believed: ${disbelieved.join('; ')}`;
}
