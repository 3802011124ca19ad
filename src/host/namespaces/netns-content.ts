import type { Address } from '../../model/address.js';
import type { Attachment, Liveness } from '../../model/attachment.js';
import { HeldNetns } from './held-netns.js';
import { readInnerLinks } from './inner-links.js';
import { linkNames, localAddresses } from './namespace-view.js';
import type { WrapProgram } from './netns.js';
import { identifyNamespace, type NamespaceId } from './nsfs.js';
import { identifyProcess } from '../programs/process-identity.js';

/** Most verdicts kept; a container has one for each of its interfaces. */
const maxVerdicts = 20_000;

/** How long a verdict other than alive holds. A look may cost a program, and a plugin may just be at work in the namespace. */
const absenceMs = 1_000;

/** Interface and addresses that an attachment put into its namespace; IP addresses in hexadecimal digits. */
interface Traces {
  readonly ifName: string;
  readonly macAddress: string | undefined;
  readonly addresses: readonly string[];
}

/**
 * Judges by interfaces and addresses whether the namespace of a process is that of an attachment, because the kernel may have given the number of
 * the process to another one.
 */
export class NetnsContent {
  /** By process, namespace and attachment: while these are the same, `alive` holds without another look. */
  readonly #verdicts = new Map<string, { readonly liveness: Liveness; readonly until: number }>();

  /** @param wrap places a program where it can enter the namespace */
  constructor(private readonly wrap: WrapProgram = (call) => call) {}

  /**
   * @param pid of the process in the path `attachment.netns`
   * @param id of the namespace at that path
   * @param seen the same path in the mount namespace of this process
   * @returns `unknown` when the attachment has no address to recognise it by, or when podnetd cannot look inside
   * @throws NetworkError storage
   */
  judge(attachment: Attachment, pid: number, id: NamespaceId, seen: string): Liveness {
    const { netns = seen, ifName, macAddress } = attachment;
    const addresses = attachment.addresses.map(({ address }) => toHex(address));
    if (macAddress === undefined && addresses.length === 0) return 'unknown';
    const process = identifyProcess(pid);
    if (process === undefined) return 'gone';
    const key = JSON.stringify([pid, process.startTicks, id, ifName, macAddress, addresses]);
    const known = this.#verdicts.get(key);
    if (known !== undefined && performance.now() < known.until) return known.liveness;
    const traces = { ifName, macAddress, addresses };
    const liveness = glance(pid, id, traces) ?? this.#lookInside(netns, id, seen, traces);
    if (this.#verdicts.size >= maxVerdicts) this.#verdicts.clear();
    const until = liveness === 'alive' ? Infinity : performance.now() + absenceMs;
    this.#verdicts.set(key, { liveness, until });
    return liveness;
  }

  /** Runs a program inside, because only there the kernel shows hardware addresses, and addresses of links that are down. */
  #lookInside(netns: string, id: NamespaceId, seen: string, { ifName, macAddress, addresses }: Traces): Liveness {
    const held = HeldNetns.open(netns, seen);
    try {
      const links = held?.id === id ? readInnerLinks(held, this.wrap) : undefined;
      if (links === undefined) return 'unknown';
      const own = links.find(({ name }) => name === ifName);
      const isSame =
        own !== undefined &&
        ((macAddress !== undefined && own.macAddress === macAddress) ||
          own.addresses.some((address) => addresses.includes(address)));
      return isSame ? 'alive' : 'gone';
    } finally {
      held?.close();
    }
  }
}

/** Judges by procfs, without a program; undefined when that does not decide. */
function glance(pid: number, id: NamespaceId, { ifName, addresses }: Traces): Liveness | undefined {
  const names = linkNames(pid);
  const present = localAddresses(pid);
  // The caller identified the namespace before these reads; the same id after them proves that all are of that namespace.
  if (names.length === 0 || identifyIfThere(`/proc/${pid}/ns/net`) !== id) return undefined;
  if (!names.includes(ifName)) return 'gone';
  return addresses.some((address) => present.has(address)) ? 'alive' : undefined;
}

function identifyIfThere(target: string): NamespaceId | undefined {
  try {
    return identifyNamespace(target);
  } catch {
    return undefined;
  }
}

function toHex({ family, value }: Address): string {
  return value.toString(16).padStart(family === 4 ? 8 : 32, '0');
}
