import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFileName } from '../../src/cni/attachments/entry-faults.js';
import { encodeCacheEntry, type CacheEntry } from '../../src/cni/attachments/cache-entry.js';

/** The cache entry of an ADD by the bridge plugin, in result version 1.0. */
export function cacheEntry(networkName: string, containerId: string, more: Partial<CacheEntry> = {}): CacheEntry {
  const { ifName = 'eth0', netns } = more;
  return {
    networkName,
    containerId,
    ifName,
    netns: undefined,
    config: JSON.stringify({ cniVersion: '1.0.0', name: networkName, plugins: [{ type: 'bridge' }] }),
    cniArgs: [],
    capabilityArgs: {},
    result: {
      cniVersion: '1.0.0',
      dns: {},
      interfaces: [
        { mac: '0a:06:99:73:62:1a', name: 'cni-podman1' },
        { mac: 'EA:42:77:E8:58:5F', name: ifName, sandbox: netns ?? '/proc/self/ns/net' },
      ],
      ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1', interface: 1 }],
    },
    ...more,
  };
}

/** Writes an entry as libcni does, in place. @returns the file */
export function writeCacheEntry(cacheDir: string, entry: CacheEntry): string {
  const folder = path.join(cacheDir, 'results');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const target = path.join(folder, cacheFileName(entry));
  writeFileSync(target, encodeCacheEntry(entry), { mode: 0o600 });
  return target;
}

/** How podnetd sees the files of plugins whose leases are in a folder of the test. */
export function seeLeasesIn(leaseDir: string): (target: string) => string {
  return (target) => (target === '/var/lib/cni/networks' ? leaseDir : target);
}

/** Writes a lease as host-local does. @param leaseDir host-local's folder for all networks @returns the file */
export function writeLease(leaseDir: string, networkName: string, address: string, holder: string): string {
  const folder = path.join(leaseDir, networkName);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'lock'), '');
  const target = path.join(folder, address);
  writeFileSync(target, `${holder}\r\neth0`);
  writeFileSync(path.join(folder, 'last_reserved_ip.0'), address);
  return target;
}
