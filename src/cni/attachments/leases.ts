import path from 'node:path';
import { isSameStamp, isYoung, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import { parseAddress } from '../../ip/cidr.js';
import type { FileProblem, StoredNetwork } from '../../network/dependencies/stored-network.js';
import { asArray, isObject, textOf } from '../../model/json-object.js';
import { findFaultOfHolder } from './entry-faults.js';

/** An address that host-local has given away. */
export interface Lease {
  /** As the file is named, which is as Go prints it. */
  readonly address: string;
  readonly containerId: string;
  /** Undefined in files of host-local before 0.8. */
  readonly ifName: string | undefined;
}

/** What a folder of leases says. */
export interface LeaseListing {
  readonly leases: readonly Lease[];
  /** Files that are called as leases, and are none. */
  readonly problems: readonly FileProblem[];
}

const noLeases: LeaseListing = { leases: [], problems: [] };

interface Listing<T> {
  readonly stamp: FileStamp;
  /** The folder was old enough when it was listed that the next change has another stamp, and every file was written. */
  readonly settled: boolean;
  readonly content: T;
}

/** Two lines of at most 253 and 15 characters; what is much larger is none. */
const limitBytes = 4096;

/**
 * Leases of host-local: a folder a network, a file an address. They are made and removed, never changed, so the time of the folder tells
 * whether what is known of it still holds.
 *
 * source: containernetworking/plugins plugins/ipam/host-local/backend/disk/backend.go@v1.1.1
 */
export class Leases {
  readonly #networks = new Map<string, Listing<ReadonlySet<string>>>();
  readonly #leases = new Map<string, Listing<LeaseListing>>();

  constructor(
    /** For networks whose conflist names none. */
    private readonly dataDir: string,
    private readonly files: Files,
    /** Given each problem once. */
    private readonly onProblem: (problem: FileProblem) => void = () => undefined,
  ) {}

  /** The leases as of now; each folder of networks is listed once at most. */
  look(): (network: StoredNetwork) => LeaseListing {
    const listed = new Map<string, ReadonlySet<string>>();
    return (network) => {
      const dataDir = findDataDir(network, this.dataDir);
      if (dataDir === undefined) return noLeases;
      let names = listed.get(dataDir);
      if (names === undefined) listed.set(dataDir, (names = this.#listNetworks(dataDir)));
      const { name } = network.network;
      return names.has(name) ? this.#listLeases(path.join(dataDir, name)) : noLeases;
    };
  }

  #listNetworks(dataDir: string): ReadonlySet<string> {
    return this.#list(this.#networks, dataDir, (names) => new Set(names)) ?? new Set();
  }

  #listLeases(folder: string): LeaseListing {
    const known = this.#leases.get(folder)?.content.problems ?? [];
    const read = (names: readonly string[]) => {
      const found = names.flatMap((name) => this.#readLease(folder, name) ?? []);
      const problems = found.filter((one) => 'reason' in one);
      for (const problem of problems) if (!known.some((one) => isSameProblem(one, problem))) this.onProblem(problem);
      return { leases: found.filter((one) => 'address' in one), problems };
    };
    return this.#list(this.#leases, folder, read) ?? noLeases;
  }

  #list<T>(known: Map<string, Listing<T>>, folder: string, read: (names: readonly string[]) => T): T | undefined {
    const stamp = this.files.stamp(folder);
    if (stamp === undefined) {
      known.delete(folder);
      return undefined;
    }
    const before = known.get(folder);
    if (before?.settled === true && isSameStamp(before.stamp, stamp)) return before.content;
    const content = read(this.files.list(folder));
    known.set(folder, { stamp, settled: !isYoung(stamp), content });
    return content;
  }

  /** Other files of the folder (`lock`, `last_reserved_ip.0`) have no address for a name. */
  #readLease(folder: string, address: string): Lease | FileProblem | undefined {
    if (parseAddress(address) === undefined) return undefined;
    const target = path.join(folder, address);
    const text = this.files.readText(target, limitBytes);
    if (text === undefined) return undefined;
    const [containerId = '', ifName = ''] = text.split('\n').map((line) => line.trim());
    // It is being written.
    if (containerId === '') return undefined;
    const lease = { address, containerId, ifName: ifName || undefined };
    const reason = findFaultOfHolder(lease);
    return reason === undefined ? lease : { path: target, reason, line: undefined };
  }
}

function isSameProblem(a: FileProblem, b: FileProblem): boolean {
  return a.path === b.path && a.reason === b.reason;
}

/** Undefined for networks that lease nothing; a path that depends on the folder a plugin runs in leads nowhere. */
function findDataDir({ conflist }: StoredNetwork, byDefault: string): string | undefined {
  for (const plugin of asArray(conflist['plugins'])) {
    const ipam = isObject(plugin) ? plugin['ipam'] : undefined;
    if (!isObject(ipam) || ipam['type'] !== 'host-local') continue;
    const dataDir = textOf(ipam['dataDir']) || byDefault;
    return path.isAbsolute(dataDir) ? dataDir : undefined;
  }
  return undefined;
}
