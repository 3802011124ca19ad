export type Family = 4 | 6;

/** An IP address without zone. IPv4-mapped IPv6 is family 4, as in Go's net.IP. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** A prefix; `base` has no host bits. */
export interface Cidr {
  readonly family: Family;
  readonly base: bigint;
  readonly prefixBits: number;
}

/** The length of a prefix that podnetd is to choose. */
export type PrefixSize = Omit<Cidr, 'base'>;
