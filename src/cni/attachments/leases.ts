import path from 'node:path';
import { isSameStamp, isYoung, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import { parseAddress } from '../../ip/cidr.js';
import type { FileProblem, StoredNetwork } from '../../network/dependencies/stored-network.js';
import { asArray, isObject, textOf } from '../../model/json-object.js';
import { findFaultOfHolder } from './entry-faults.js';

/** An address that host-local has leased to a container. */
export interface Lease {
  /** Name of the file: the address as Go prints it. */
  readonly address: string;
  readonly containerId: string;
  /** Undefined for a lease of host-local before 0.8. */
  readonly ifName: string | undefined;
  /** When host-local made the lease: nanoseconds since the epoch. */
  readonly sinceNs: bigint;
}

/** Content of one folder of leases. */
export interface LeaseListing {
  readonly leases: readonly Lease[];
  /** Files that are named like leases and hold none. */
  readonly problems: readonly FileProblem[];
}

const noLeases: LeaseListing = { leases: [], problems: [] };

interface Listing<T> {
  readonly stamp: FileStamp;
  /** True when the folder was old when it was listed: every file was complete, and any later change gives another stamp. */
  readonly settled: boolean;
  readonly content: T;
}

/** Where host-local has the leases of a network whose conflist names no `dataDir`; no setting of podnetd or libcni moves it. */
const defaultDataDir = '/var/lib/cni/networks';

/** A lease has two lines of at most 253 and 15 characters; a much larger file is none. */
const limitBytes = 4096;

/**
 * Leases of host-local: one folder a network, one file an address. host-local makes and removes leases but never changes one, so cached
 * content is current while the stamp of its folder is the same.
 *
 * source: containernetworking/plugins plugins/ipam/host-local/backend/disk/backend.go@v1.1.1
 */
export class Leases {
  readonly #networks = new Map<string, Listing<ReadonlySet<string>>>();
  readonly #leases = new Map<string, Listing<LeaseListing>>();

  constructor(
    /** The path by which this process sees what a plugin has at an absolute path. */
    private readonly see: (target: string) => string,
    private readonly files: Files,
    /** Receives each problem once. */
    private readonly onProblem: (problem: FileProblem) => void = () => undefined,
  ) {}

  /** Returns a look-up of the current leases of a network; it lists each folder of networks at most once. */
  look(): (network: StoredNetwork) => LeaseListing {
    const listed = new Map<string, ReadonlySet<string>>();
    return (network) => {
      const named = findDataDir(network);
      if (named === undefined) return noLeases;
      const dataDir = this.see(named);
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

  /** Undefined for the folder's other files (`lock`, `last_reserved_ip.0`), which are not named by an address. */
  #readLease(folder: string, address: string): Lease | FileProblem | undefined {
    if (parseAddress(address) === undefined) return undefined;
    const target = path.join(folder, address);
    const found = this.files.readStamped(target, limitBytes);
    if (found === undefined) return undefined;
    const { text, stamp } = found;
    const [containerId = '', ifName = ''] = text.split('\n').map((line) => line.trim());
    // host-local is writing it.
    if (containerId === '') return undefined;
    const lease = { address, containerId, ifName: ifName || undefined, sinceNs: stamp.mtimeNs };
    const reason = findFaultOfHolder(lease);
    return reason === undefined ? lease : { path: target, reason, line: undefined };
  }
}

function isSameProblem(a: FileProblem, b: FileProblem): boolean {
  return a.path === b.path && a.reason === b.reason;
}

/** host-local's data folder of a network, as the plugin sees it; undefined without host-local, and for a path relative to a plugin's working folder. */
function findDataDir({ conflist }: StoredNetwork): string | undefined {
  for (const plugin of asArray(conflist['plugins'])) {
    const ipam = isObject(plugin) ? plugin['ipam'] : undefined;
    if (!isObject(ipam) || ipam['type'] !== 'host-local') continue;
    const dataDir = textOf(ipam['dataDir']) || defaultDataDir;
    return path.isAbsolute(dataDir) ? path.normalize(dataDir) : undefined;
  }
  return undefined;
}
