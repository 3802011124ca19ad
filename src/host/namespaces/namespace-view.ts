import * as fs from 'node:fs';
import { endianness } from 'node:os';
import { isNamespace } from './nsfs.js';
import { readProcFile } from '../programs/process-identity.js';
import type { KernelPrefix } from '../netlink/prefixes.js';

/** Facts about namespaces seen from outside, through procfs of a process in them. */

/**
 * The network namespace that is mounted at a path in the mount namespace of a process, in the form of `namespaceOf`.
 *
 * @returns undefined when no namespace is mounted there
 */
export function mountedNamespace(pid: number, target: string): string | undefined {
  const seen = `/proc/${pid}/root${target}`;
  try {
    return isNamespace(seen) ? `net:[${fs.statSync(seen).ino}]` : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a path is a shared mount point (`shared:`) in the mount namespace of a process. */
export function isSharedMount(pid: number, target: string): boolean {
  const lines = (readProcFile(pid, 'mountinfo') ?? '').split('\n').map((line) => line.split(' '));
  // source: proc_pid_mountinfo(5); optional fields come from the seventh on, up to a dash.
  return lines.some(([, , , , point, , ...rest]) => {
    return (
      point === escapeMountPoint(target) && rest.slice(0, rest.indexOf('-')).some((tag) => tag.startsWith('shared:'))
    );
  });
}

/** Names of the links in the network namespace of a process. */
export function linkNames(pid: number): readonly string[] {
  return [...(readProcFile(pid, 'net/dev') ?? '').matchAll(/^ *([^\s:|]+):/gm)].map(([, name]) => name ?? '');
}

/** Routed prefixes in the network namespace of a process, the prefixes of its addresses included. */
export function routedPrefixes(pid: number): readonly KernelPrefix[] {
  return [
    ...readRoutes4(readProcFile(pid, 'net/route') ?? ''),
    ...readRoutes6(readProcFile(pid, 'net/ipv6_route') ?? ''),
  ];
}

/** Addresses of a process's network namespace in hexadecimal digits, without those of links that are down. */
export function localAddresses(pid: number): ReadonlySet<string> {
  return new Set([
    ...readLocal4(readProcFile(pid, 'net/fib_trie') ?? ''),
    ...(readProcFile(pid, 'net/if_inet6') ?? '').split('\n').map((line) => line.slice(0, 32)),
  ]);
}

/** source: linux net/ipv4/fib_trie.c (fib_trie_seq_show): a line with the address, and below it one for each of its routes. */
function readLocal4(text: string): readonly string[] {
  return [...text.matchAll(/\|-- ([\d.]+)\n(?:\s+\/\d+ (?!host).*\n)*\s+\/32 host LOCAL/g)].map(([, address = '']) =>
    Buffer.from(address.split('.').map(Number)).toString('hex'),
  );
}

const isLittleEndian = endianness() === 'LE';

/** source: linux net/ipv4/fib_trie.c (fib_route_seq_show): addresses are numbers in host order. */
export function readRoutes4(text: string): readonly KernelPrefix[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.split('\t');
      const [destination, mask] = [fields[1], fields[7]].map((hex) => Buffer.from(hex ?? '', 'hex'));
      if (destination?.length !== 4 || mask?.length !== 4) return [];
      if (isLittleEndian) destination.reverse();
      return [{ address: destination, prefixBits: countBits(mask) }];
    });
}

/** Link-local, multicast and loopback prefixes: every namespace has them. */
const everywhere6 = /^(fe80|ff|0{31}1)/;

/** source: linux net/ipv6/route.c (rt6_info_route) */
export function readRoutes6(text: string): readonly KernelPrefix[] {
  return text.split('\n').flatMap((line) => {
    const [destination = '', bits = '', , , , , , , , device] = line.trim().split(/ +/);
    if (!/^[0-9a-f]{32}$/.test(destination) || device === 'lo' || everywhere6.test(destination)) return [];
    return [{ address: Buffer.from(destination, 'hex'), prefixBits: Number.parseInt(bits, 16) }];
  });
}

function countBits(mask: Buffer): number {
  return [...mask].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
}

function escapeMountPoint(target: string): string {
  return target.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
