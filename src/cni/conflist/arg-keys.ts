/**
 * Members of a conflist's `args`, by the fact that each holds; the first two are Podman's. Each is a map of strings, but three hold a map for
 * each subnet: the reserved addresses by host; the ends of the lease range, because its pieces do not show them; the pools as a Docker client
 * sent them.
 */
export const argKeys = {
  labels: 'podman_labels',
  options: 'podman_options',
  dockerOptions: 'podnetd_docker_options',
  dockerIpamOptions: 'podnetd_docker_ipam_options',
  dockerMembers: 'podnetd_docker_members',
  dockerPools: 'podnetd_docker_pools',
  reserved: 'podnetd_docker_auxiliary_addresses',
  leaseRanges: 'podnetd_lease_ranges',
} as const;

export type ArgKey = (typeof argKeys)[keyof typeof argKeys];
