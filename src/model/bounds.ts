/**
 * How many of a thing one request or one file may have: far beyond what any network needs, and few enough that no work on them takes long.
 * Podman and Docker have no such bounds; the largest networks that their users tell of have some dozen of each.
 */
export const bounds = Object.freeze({
  /** Members of all arrays and objects of a body: all lists below at their bounds fit, and JSON of so many is read in some milliseconds. */
  bodyValues: 32_768,
  /** Of a body that has a key more than once, which no client sends: it takes ten times as long to read. */
  repeatedValues: 2_048,
  /** Each is an address of the bridge, one more for each container, and rules of the firewall for both. */
  subnets: 1_024,
  /** Of all pools of a network. Each cuts a lease range in two, and is written three times; a lease range keeps any number of addresses free. */
  auxiliaryAddresses: 1_024,
  /** Kubernetes and Docker keep some dozen; a list prints them all. */
  labels: 4_096,
  options: 4_096,
  ipamOptions: 4_096,
  /** Neither can be said in a CNI file, and is refused at the first one. */
  routes: 1_024,
  dnsServers: 1_024,
  /** The bytes of a mask as numbers: those of IPv6. */
  maskBytes: 16,
  /** A container has one for each subnet that it cares for. */
  staticAddresses: 256,
  aliases: 1_024,
  links: 1_024,
  endpointOptions: 4_096,
  /** Each is a few rules of iptables, which are made while a client waits. */
  portMappings: 1_000,
  /** Of all keys of a `filters`; they are compared with every network. */
  filterValues: 128,
  /** Of RE2, in all expressions of a key; a name of ordinary length has some dozen, and one without signs of an expression none. */
  filterInstructions: 3_000,
  /** A range for each subnet, and the pieces around every auxiliary address; files of others have a few for each subnet. */
  leaseRanges: 4_096,
  /** Prefixes that one file takes from new networks, also where it has too many of them to be one itself. */
  takenPrefixes: 4_096,
  /** Members of all arrays and objects of a file: thrice what podnetd writes for a network with everything at its bound. */
  fileValues: 131_072,
  /** Plugins of a file, each of which is run for every container. */
  plugins: 256,
});

export type Bounded = keyof typeof bounds;
