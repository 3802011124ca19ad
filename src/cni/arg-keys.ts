/** Members of a conflist's `args`; each is a map of strings. The first two are Podman's. */
export const argKeys = {
  labels: 'podman_labels',
  options: 'podman_options',
  dockerOptions: 'podnetd_docker_options',
  dockerIpamOptions: 'podnetd_docker_ipam_options',
} as const;
