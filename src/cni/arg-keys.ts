/**
 * Members of a conflist's `args`. The first two are Podman's. Each is a map of strings, but for the last two, which have such a map for each
 * subnet that has reserved addresses: the addresses by host, and the ends of the lease range, since its pieces do not tell them.
 */
export const argKeys = {
  labels: 'podman_labels',
  options: 'podman_options',
  dockerOptions: 'podnetd_docker_options',
  dockerIpamOptions: 'podnetd_docker_ipam_options',
  reserved: 'podnetd_docker_auxiliary_addresses',
  leaseRanges: 'podnetd_lease_ranges',
} as const;
