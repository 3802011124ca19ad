import path from 'node:path';
import { bitsOf, formatCidr } from '../ip/cidr.js';
import type { SubnetPool } from '../ip/pools.js';
import type { Cidr } from '../model/address.js';
import { readFleet, type FleetConf } from './fleet-file.js';
import { parseTcpAddress, tcpAddressForm, type TcpAddress } from './tcp-address.js';
import { PodnetdToml, ulaBase } from './podnetd-toml-schema.js';
import { readSockets, type PlacedSocket } from './podnetd-toml-sockets.js';
import { formatTomlValue, readTomlDocument, type FilePlace, type Refuse } from './toml-document.js';
import type { ValuePath } from './toml-line.js';
import { readPrefix } from './toml-prefix.js';

/** A prefix of a file, and a function that finds it there. */
export interface PlacedReserved {
  readonly prefix: Cidr;
  readonly reason: string;
  readonly place: () => FilePlace;
}

export interface PlacedPool extends SubnetPool {
  readonly place: () => FilePlace;
}

/** The settings of metrics of one podnetd.toml. */
export interface MetricsConf {
  readonly metricsListen?: TcpAddress & { readonly place: () => FilePlace };
  readonly metricsRemote?: boolean;
  readonly metricsPerNetwork?: boolean;
}

/** The settings of one podnetd.toml. */
export interface AddressConf extends MetricsConf {
  /** Of each key that the file has, by table and name. */
  readonly places: Readonly<Record<string, () => FilePlace>>;
  readonly reserved: readonly PlacedReserved[];
  readonly subnetPools?: readonly PlacedPool[];
  readonly avoidRoutes?: boolean;
  readonly avoidDnsServers?: boolean;
  /** Undefined where the file has no such table. */
  readonly fleet?: FleetConf;
  /** Undefined where the file has none. */
  readonly sockets?: readonly PlacedSocket[];
  readonly auditFile?: string;
  readonly auditOnFailure?: 'refuse' | 'allow';
}

/** @param findUla the prefix that the base `ula` stands for; throws an error whose message says why there is none @throws ConfigError */
export function parsePodnetdToml(file: string, text: string, findUla: () => Cidr): AddressConf {
  const document = readTomlDocument(file, text, PodnetdToml);
  const { values, places, place, refuse } = document;
  const sockets = readSockets(values, document);
  const { file: auditFile, on_failure: auditOnFailure } = values.audit ?? {};
  if (auditFile !== undefined && !path.isAbsolute(auditFile))
    refuse(['audit', 'file'], `${formatTomlValue(auditFile)} is not an absolute path`);
  const { listen, remote, per_network } = values.metrics ?? {};
  const { reserved = [], subnet_pools: pools, avoid_routes, avoid_dns_servers } = values.addresses ?? {};
  return {
    places,
    reserved: reserved.map(({ subnet, reason }, index) => {
      const at = ['addresses', 'reserved', index, 'subnet'];
      return { prefix: readPrefix(subnet, at, refuse), reason, place: () => place(at) };
    }),
    ...(pools && {
      subnetPools: pools.map((pool, index) => {
        const at = ['addresses', 'subnet_pools', index];
        return { ...checkPool(pool, at, refuse, findUla), place: () => place([...at, 'base']) };
      }),
    }),
    ...(avoid_routes !== undefined && { avoidRoutes: avoid_routes }),
    ...(avoid_dns_servers !== undefined && { avoidDnsServers: avoid_dns_servers }),
    ...(values.fleet && { fleet: readFleet(values.fleet, document) }),
    ...(sockets && { sockets }),
    ...(auditFile !== undefined && { auditFile }),
    ...(auditOnFailure !== undefined && { auditOnFailure }),
    ...(listen !== undefined && { metricsListen: checkListen(listen, place, refuse) }),
    ...(remote !== undefined && { metricsRemote: remote }),
    ...(per_network !== undefined && { metricsPerNetwork: per_network }),
  };
}

function checkListen(
  text: string,
  place: (at: ValuePath) => FilePlace,
  refuse: Refuse,
): NonNullable<MetricsConf['metricsListen']> {
  const at = ['metrics', 'listen'];
  const address = parseTcpAddress(text);
  if (address === undefined) return refuse(at, `${formatTomlValue(text)} is not ${tcpAddressForm}`);
  return { ...address, place: () => place(at) };
}

function checkPool(
  pool: { readonly base: string; readonly size: bigint },
  at: ValuePath,
  refuse: Refuse,
  findUla: () => Cidr,
): SubnetPool {
  const base =
    pool.base === ulaBase ? tryUla([...at, 'base'], refuse, findUla) : readPrefix(pool.base, [...at, 'base'], refuse);
  const prefixBits = Number(pool.size);
  const bits = bitsOf(base.family);
  if (prefixBits < base.prefixBits)
    refuse([...at, 'size'], `${prefixBits} is less than the prefix length of its base "${formatCidr(base)}"`);
  if (prefixBits > bits)
    refuse([...at, 'size'], `${prefixBits} is more than the ${bits} bits of an IPv${base.family} address`);
  return { base, prefixBits };
}

function tryUla(at: ValuePath, refuse: Refuse, findUla: () => Cidr): Cidr {
  try {
    return findUla();
  } catch (error) {
    return refuse(
      at,
      `"${ulaBase}" stands for a prefix of this machine, and ${(error as Error).message}; write a prefix of fd00::/8`,
    );
  }
}
