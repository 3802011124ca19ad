/**
 * Environment variables of podnetd's processes, with podnetd's folder as value. By these a later podnetd finds the processes that a killed one and
 * its plugins left running.
 */
export const ownerVariables = {
  /** The keeper and slirp4netns. */
  namespace: 'PODNETD_ROOTLESS',
  /** Plugins and their daemons, which stay with Podman's namespace, because Podman's containers may use the same dnsmasq. */
  plugin: 'PODNETD_ROOTLESS_PLUGIN',
} as const;
