import path from 'node:path';
import { isSameStamp, isYoung, type FileStamp } from '../host/file-stamp.js';
import type { Files } from '../host/files.js';
import { parseAddress } from '../ip/cidr.js';
import type { StoredNetwork } from '../network/ports.js';
import { asArray, isObject, textOf } from '../model/json-object.js';

/** An address that host-local has given away. */
export interface Lease {
  /** As the file is named, which is as Go prints it. */
  readonly address: string;
  readonly containerId: string;
  /** Undefined in files of host-local before 0.8. */
  readonly ifName: string | undefined;
}

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
  readonly #leases = new Map<string, Listing<readonly Lease[]>>();

  constructor(
    /** For networks whose conflist names none. */
    private readonly dataDir: string,
    private readonly files: Files,
  ) {}

  /** The leases as of now; each folder of networks is listed once at most. */
  look(): (network: StoredNetwork) => readonly Lease[] {
    const listed = new Map<string, ReadonlySet<string>>();
    return (network) => {
      const dataDir = findDataDir(network, this.dataDir);
      if (dataDir === undefined) return [];
      let names = listed.get(dataDir);
      if (names === undefined) listed.set(dataDir, (names = this.#listNetworks(dataDir)));
      const { name } = network.network;
      return names.has(name) ? this.#listLeases(path.join(dataDir, name)) : [];
    };
  }

  #listNetworks(dataDir: string): ReadonlySet<string> {
    return this.#list(this.#networks, dataDir, (names) => new Set(names)) ?? new Set();
  }

  #listLeases(folder: string): readonly Lease[] {
    const read = (names: readonly string[]) => names.flatMap((name) => this.#readLease(folder, name));
    return this.#list(this.#leases, folder, read) ?? [];
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
  #readLease(folder: string, address: string): readonly Lease[] {
    if (parseAddress(address) === undefined) return [];
    const text = this.files.readText(path.join(folder, address), limitBytes);
    if (text === undefined) return [];
    const [containerId = '', ifName] = text.split('\n').map((line) => line.trim());
    return containerId === '' ? [] : [{ address, containerId, ifName: ifName || undefined }];
  }
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
