/**
 * Members of a conflist's `args`, by the fact that each holds; the first two are Podman's. Most hold a map of strings. Three hold a map for each
 * subnet: its reserved addresses by host; the ends of its lease range, because the pieces do not show them; its pool as a Docker client sent it.
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
