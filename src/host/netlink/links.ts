import type { Address } from '../../model/address.js';
import { KernelTable } from './table.js';
import { codeOf } from '../native-error.js';
import {
  attributesOf,
  checkRefusal,
  findAttribute,
  formatAttribute,
  formatInt32,
  formatRequest,
  int32Of,
  messagesIn,
  textOf,
} from './message.js';
import type { NetlinkSocket } from './socket.js';

/** The outcome of a bridge's removal; `absent` also when the name belongs to a link of another kind. */
export type BridgeRemoval = 'removed' | 'absent' | { readonly stays: string };

/**
 * Why a bridge is not the one of a removed network, by its addresses: apart from link-local ones they have to be the network's gateways.
 *
 * @returns undefined when it is that bridge
 */
export function findStranger(
  bridge: string,
  found: readonly Address[],
  gateways: readonly Address[],
): string | undefined {
  const isGateway = ({ family, value }: Address) =>
    gateways.some((gateway) => gateway.family === family && gateway.value === value);
  const own = found.filter(({ family, value }) => family === 4 || value >> 118n !== linkLocal6);
  if (own.every(isGateway) && own.length > 0 === gateways.length > 0) return undefined;
  return `bridge ${bridge} stays: its addresses are not the gateways of the network that was removed`;
}

/** The first ten bits of fe80::/10. */
const linkLocal6 = 0x3fan;

export interface KernelLink {
  readonly name: string;
  /** `bridge`, `veth`, …; `device` where the kernel names no kind, as for hardware. */
  readonly kind: string;
  /** The kernel's number of the link; undefined for a link of another namespace. */
  readonly index?: number;
  /** Further names of the link, which no other link can have. */
  readonly alternatives?: readonly string[];
}

/** RTM_DELLINK, RTM_GETLINK; source: linux include/uapi/linux/rtnetlink.h. */
const deleteLink = 17;
const getLinks = 18;

/** struct ifinfomsg: family, padding, type, index, flags, mask of changes. */
const structBytes = 16;
const indexAt = 4;

/** IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_EXT_MASK, IFLA_PROP_LIST, IFLA_ALT_IFNAME; source: linux include/uapi/linux/if_link.h. */
const attributeName = 3;
const attributeMaster = 10;
const attributeInfo = 18;
const infoKind = 1;
const extendedMask = 29;
const propertyList = 52;
const alternativeName = 53;

/** RTEXT_FILTER_SKIP_STATS, because traffic counters would make every dump differ from the last. */
const skipStatistics = formatAttribute(extendedMask, formatInt32(0x8));

/** IFNAMSIZ less the NUL; source: linux include/uapi/linux/if.h. */
const maxNameBytes = 15;

/** NLM_F_ACK; source: linux include/uapi/linux/netlink.h. */
const flagAcknowledge = 0x4;

/** The kernel's table of every link. */
export function linkTable(): KernelTable {
  return new KernelTable(getLinks, Buffer.concat([formatStruct(0), skipStatistics]));
}

export function readLinks(table: Buffer): readonly KernelLink[] {
  return Array.from(messagesIn(table), ({ body }) => ({ ...readLink(body), index: int32Of(body.subarray(indexAt)) }));
}

/** The index of the link that each link is plugged into, by the index of the latter; links that are plugged into none are absent. */
export function readMasters(table: Buffer): ReadonlyMap<number, number> {
  return new Map(
    [...messagesIn(table)].flatMap(({ body }) => {
      const master = findAttribute(body, structBytes, attributeMaster);
      return master === undefined ? [] : [[int32Of(body.subarray(indexAt)), int32Of(master)] as const];
    }),
  );
}

/** The link of this name; undefined when no link has it, or only as an alternative name. @throws Error of the kernel */
export async function findLink(
  socket: NetlinkSocket,
  name: string,
): Promise<(KernelLink & { readonly index: number }) | undefined> {
  const bytes = Buffer.from(name);
  if (bytes.length === 0 || bytes.length > maxNameBytes) return undefined;
  const asked = Buffer.concat([formatStruct(0), formatAttribute(attributeName, bytes), skipStatistics]);
  try {
    const body = await exchange(socket, formatRequest(getLinks, 0, asked));
    const link = body && { ...readLink(body), index: int32Of(body.subarray(indexAt)) };
    return link?.name === name ? link : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENODEV') return undefined;
    throw error;
  }
}

/** Names of the links that are plugged into a bridge. @param bridge index of the bridge @throws Error of the kernel */
export async function portsOf(socket: NetlinkSocket, bridge: number): Promise<readonly string[]> {
  const master = formatInt32(bridge);
  const asked = Buffer.concat([formatStruct(0), skipStatistics, formatAttribute(attributeMaster, master)]);
  const table = await new KernelTable(getLinks, asked).read(socket);
  // A kernel without this filter dumps every link.
  const ports = [...messagesIn(table)].filter(({ body }) => {
    return findAttribute(body, structBytes, attributeMaster)?.equals(master) === true;
  });
  return ports.map(({ body }) => readLink(body).name);
}

/** Deletes the link of this index. @throws Error of the kernel */
export async function removeLink(socket: NetlinkSocket, index: number): Promise<void> {
  await exchange(socket, formatRequest(deleteLink, flagAcknowledge, formatStruct(index)));
}

function readLink(body: Buffer): KernelLink {
  const info = findAttribute(body, structBytes, attributeInfo);
  const properties = findAttribute(body, structBytes, propertyList);
  return {
    name: textOf(findAttribute(body, structBytes, attributeName)) ?? '',
    kind: (info && textOf(findAttribute(info, 0, infoKind))) ?? 'device',
    ...(properties && {
      alternatives: Array.from(attributesOf(properties, 0, alternativeName), (value) => textOf(value) ?? ''),
    }),
  };
}

function formatStruct(index: number): Buffer {
  return Buffer.concat([Buffer.alloc(indexAt), formatInt32(index)], structBytes);
}

/** @returns the body of the answer; undefined when the answer is empty @throws Error with the code that the kernel refused with */
async function exchange(socket: NetlinkSocket, request: Buffer): Promise<Buffer | undefined> {
  await socket.ask(request);
  const [message] = messagesIn(await socket.fetch());
  if (message !== undefined) checkRefusal(message);
  return message?.body;
}
