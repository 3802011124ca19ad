import { createHash } from 'node:crypto';
import type { FilterClock, FilterSubject } from '../../../src/model/filters/filters.js';

interface Facts {
  readonly name?: string;
  readonly id?: string;
  readonly driver?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly createdNs?: bigint;
  readonly pluginTypes?: readonly string[];
  readonly isDefault?: boolean;
  readonly inUse?: boolean;
}

/** A bridge network called `web`, unused, without labels, but for what the caller changes. */
export function makeSubject(facts: Facts = {}): FilterSubject {
  const { name = 'web', driver = 'bridge', pluginTypes = ['bridge', 'portmap', 'firewall', 'tuning'] } = facts;
  const { isDefault = false, inUse = isDefault } = facts;
  return {
    network: {
      name,
      id: facts.id ?? createHash('sha256').update(name).digest('hex'),
      driver,
      networkInterface: 'cni-podman1',
      createdNs: facts.createdNs ?? 0n,
      subnets: [],
      ipv6Enabled: false,
      internal: false,
      dnsEnabled: false,
      dnsServers: [],
      routes: [],
      labels: new Map(Object.entries(facts.labels ?? {})),
      options: new Map(),
      ipamDriver: 'host-local',
      docker: undefined,
    },
    pluginTypes,
    isDefault,
    isInUse: () => inUse,
  };
}

/** 2024-05-06T07:08:09.123456789Z, in a zone two hours ahead. */
export const clock: FilterClock = { nowNs: 1_714_979_289_123_456_789n, zoneOffsetMinutes: 120 };
