/**
 * What is in the environment of our processes, with the folder whose they are, so that those of a podnetd that was killed are found, and what
 * plugins leave running.
 */
export const ownerVariables = {
  /** The keeper and slirp4netns. */
  namespace: 'PODNETD_ROOTLESS',
  /** Plugins and their daemons: dnsmasq of a network that Podman's containers are on too is everybody's. */
  plugin: 'PODNETD_ROOTLESS_PLUGIN',
} as const;
