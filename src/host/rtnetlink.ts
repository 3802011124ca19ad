import { endianness } from 'node:os';
import { createRtNetlink, type RtNetlinkSocket } from 'netlink';
import { reasonOf, storageError } from './native-error.js';

export interface KernelLink {
  readonly name: string;
  /** `bridge`, `veth`, …; `device` where the kernel names no kind, as for hardware. */
  readonly kind: string;
}

export interface KernelPrefix {
  /** 4 or 16 bytes; host bits may be set. */
  readonly address: Uint8Array;
  readonly prefixBits: number;
}

export interface KernelFacts {
  readonly links: readonly KernelLink[];
  readonly addresses: readonly KernelPrefix[];
  readonly routes: readonly KernelPrefix[];
}

/** Routes that send packets nowhere in particular: to everybody, or to the nearest of many. */
const uncounted = new Set(['BROADCAST', 'ANYCAST', 'MULTICAST']);

/**
 * Links, addresses and routes (of every table) of this network namespace. `os.networkInterfaces()` hides links that are down or have no
 * carrier, which an idle CNI bridge is.
 */
export class RtNetlink {
  #socket: RtNetlinkSocket | undefined;

  /** @throws NetworkError storage */
  async readFacts(): Promise<KernelFacts> {
    try {
      this.#socket ??= createRtNetlink();
      // One after the other: the kernel runs one dump a socket at a time.
      const links = await this.#socket.getLinks();
      const addresses = await this.#socket.getAddresses();
      const routes = await this.#socket.getRoutes();
      return {
        links: links.map(({ attrs }) => ({ name: attrs.ifname ?? '', kind: kindOf(attrs.linkinfo) })),
        addresses: addresses.flatMap(({ data, attrs }) => prefix(attrs.address ?? attrs.local, data.prefixlen)),
        routes: routes.flatMap(({ data, attrs }) =>
          uncounted.has(String(data.type)) ? [] : prefix(attrs.dst, data.dstLen),
        ),
      };
    } catch (error) {
      throw storageError('read', 'rtnetlink', error);
    }
  }

  /**
   * Deletes a bridge that has no ports. What is no bridge, or has something plugged in, is somebody's and stays.
   *
   * @returns why it is still there
   */
  async removeBridge(name: string): Promise<string | undefined> {
    try {
      this.#socket ??= createRtNetlink();
      const links = await this.#socket.getLinks();
      const link = links.find(({ attrs }) => attrs.ifname === name);
      if (link === undefined || kindOf(link.attrs.linkinfo) !== 'bridge') return undefined;
      const ports = links.filter(({ attrs }) => attrs.master === link.data.index);
      if (ports.length > 0) {
        return `bridge ${name} stays: ${ports.map(({ attrs }) => attrs.ifname ?? '').join(', ')} is plugged into it`;
      }
      await this.#socket.delLink({ index: link.data.index ?? 0 });
      return undefined;
    } catch (error) {
      return `bridge ${name} stays: ${reasonOf(error)}`;
    }
  }
}

function prefix(address: Uint8Array | undefined, prefixBits: number | undefined): readonly KernelPrefix[] {
  return address === undefined || prefixBits === undefined ? [] : [{ address, prefixBits }];
}

const isLittleEndian = endianness() === 'LE';

/** IFLA_INFO_KIND; source: linux include/uapi/linux/if_link.h. */
const infoKind = 1;

/** Finds the kind among the nested attributes of IFLA_LINKINFO: length and type in host order, padded to four bytes. */
function kindOf(linkInfo: Buffer | undefined): string {
  for (let at = 0; linkInfo !== undefined && at + 4 <= linkInfo.length;) {
    const view = new DataView(linkInfo.buffer, linkInfo.byteOffset + at);
    const length = view.getUint16(0, isLittleEndian);
    if (view.getUint16(2, isLittleEndian) === infoKind) {
      return linkInfo.toString('latin1', at + 4, at + length).replace(/\0+$/, '');
    }
    at += Math.max(4, (length + 3) & ~3);
  }
  return 'device';
}
