/**
 * The most of each thing that one request or one file may have: far beyond any network's need, and few enough that no work on them takes long.
 * Podman and Docker have no such bounds; the largest networks that their users report have some dozen of each.
 */
export const bounds = Object.freeze({
  /** Members of all arrays and objects of a body: all lists below at their bounds fit, and JSON of so many is read in some milliseconds. */
  bodyValues: 32_768,
  /** Members of a body that has a key more than once: it takes ten times as long to read, and no known client sends one. */
  repeatedValues: 2_048,
  /** Each is an address of the bridge, one more for each container, and rules of the firewall for both. */
  subnets: 1_024,
  /** In all pools of a network. Each cuts a lease range in two and is written three times. One lease range keeps any number of addresses free. */
  auxiliaryAddresses: 1_024,
  /** Kubernetes and Docker keep some dozen; a list prints them all. */
  labels: 4_096,
  options: 4_096,
  ipamOptions: 4_096,
  /** Static routes, each of which a plugin makes for every container. */
  routes: 1_024,
  /** Resolvers ask the first three. */
  dnsServers: 1_024,
  /** The bytes of an IPv6 mask, as numbers. */
  maskBytes: 16,
  /** A container has one for each subnet that it cares for. */
  staticAddresses: 256,
  aliases: 1_024,
  links: 1_024,
  endpointOptions: 4_096,
  /** Each is a few rules of iptables, which are made while a client waits. */
  portMappings: 1_000,
  /** Values of all keys of a `filters`; each is compared with every network. */
  filterValues: 128,
  /** RE2 instructions in all expressions of a key; a name of ordinary length has some dozen, and a name without metacharacters none. */
  filterInstructions: 3_000,
  /** A range for each subnet, and the pieces around every auxiliary address; files of others have a few for each subnet. */
  leaseRanges: 4_096,
  /** Prefixes that one file takes from new networks, also where it has too many of them to be one itself. */
  takenPrefixes: 4_096,
  /** Bytes of a file of a network: a request of 1 MiB, of which each byte is escaped as six, makes fewer. */
  fileBytes: 16 * 1024 * 1024,
  /** Members of all arrays and objects of a file: thrice what podnetd writes for a network with everything at its bound. */
  fileValues: 131_072,
  /** Plugins of a file, each of which is run for every container. */
  plugins: 256,
});

export type Bounded = keyof typeof bounds;
