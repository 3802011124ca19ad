import type { Address } from '../../model/address.js';
import type { Attachment, Liveness } from '../../model/attachment.js';
import { HeldNetns } from './held-netns.js';
import { readInnerLinks } from './inner-links.js';
import { linkNames, localAddresses } from './namespace-view.js';
import type { WrapProgram } from './netns.js';
import { identifyNamespace, type NamespaceId } from './nsfs.js';
import { identifyProcess } from '../programs/process-identity.js';

/** Verdicts kept; a container has one for each of its interfaces. */
const maxVerdicts = 20_000;

/** How long what was not found is not looked for again, since a look may cost a program: somebody may be at work inside. */
const absenceMs = 1_000;

/** What an attachment put into its namespace; addresses in hexadecimal digits. */
interface Traces {
  readonly ifName: string;
  readonly macAddress: string | undefined;
  readonly addresses: readonly string[];
}

/**
 * Whether the namespace of a process is the one that an attachment was made in: by what is inside, since the number of a process is given again
 * to any other.
 */
export class NetnsContent {
  /** By process, namespace and attachment: as long as these are the same, an attachment that was found is known. */
  readonly #verdicts = new Map<string, { readonly liveness: Liveness; readonly until: number }>();

  /** @param wrap brings a program to where a namespace can be entered */
  constructor(private readonly wrap: WrapProgram = (call) => call) {}

  /**
   * @param pid of the process that `attachment.netns` means
   * @param id of the namespace there
   * @param seen where this process sees the path
   * @returns unknown when the attachment says nothing by which it could be known, or when nobody can look inside
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

  /** Hardware addresses, and addresses of links that are down, are shown to programs inside alone. */
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

/** What procfs shows of the namespace of a process, without a program; undefined when that does not decide it. */
function glance(pid: number, id: NamespaceId, { ifName, addresses }: Traces): Liveness | undefined {
  const names = linkNames(pid);
  const present = localAddresses(pid);
  // Looked at before and after, so that all of it is of the same namespace.
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
