import { endianness } from 'node:os';
import { getSystemErrorName } from 'node:util';

/** One message of a netlink reply. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  /** The bytes behind the header: the struct of the message type, then attributes. */
  readonly body: Buffer;
}

const isLittleEndian = endianness() === 'LE';
const headerBytes = 16;
const attributeHeaderBytes = 4;

/** NLM_F_REQUEST; source: linux include/uapi/linux/netlink.h. */
const flagRequest = 0x1;

/** A request whose sequence number and port are 0, because the kernel knows the sender by its socket. */
export function formatRequest(type: number, flags: number, body: Uint8Array): Buffer {
  const message = Buffer.alloc(headerBytes + body.length);
  const view = viewOf(message);
  view.setUint32(0, message.length, isLittleEndian);
  view.setUint16(4, type, isLittleEndian);
  view.setUint16(6, flagRequest | flags, isLittleEndian);
  message.set(body, headerBytes);
  return message;
}

export function formatAttribute(type: number, value: Uint8Array): Buffer {
  const length = attributeHeaderBytes + value.length;
  const attribute = Buffer.alloc(aligned(length));
  const view = viewOf(attribute);
  view.setUint16(0, length, isLittleEndian);
  view.setUint16(2, type, isLittleEndian);
  attribute.set(value, attributeHeaderBytes);
  return attribute;
}

export function formatInt32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  viewOf(bytes).setInt32(0, value, isLittleEndian);
  return bytes;
}

/** The messages in bytes that the kernel sent. */
export function* messagesIn(bytes: Buffer): Generator<NetlinkMessage> {
  const view = viewOf(bytes);
  for (let at = 0; at + headerBytes <= bytes.length;) {
    const length = view.getUint32(at, isLittleEndian);
    yield {
      type: view.getUint16(at + 4, isLittleEndian),
      flags: view.getUint16(at + 6, isLittleEndian),
      body: bytes.subarray(at + headerBytes, at + length),
    };
    at += Math.max(headerBytes, aligned(length));
  }
}

/** NLA_TYPE_MASK removes the flags of an attribute's type that describe its value; source: linux include/uapi/linux/netlink.h. */
const typeMask = 0x3fff;

/** The value of the first attribute of a type, behind a struct of `from` bytes; undefined when there is none. */
export function findAttribute(bytes: Buffer, from: number, type: number): Buffer | undefined {
  for (const value of attributesOf(bytes, from, type)) return value;
  return undefined;
}

/** The values of every attribute of a type, behind a struct of `from` bytes. */
export function* attributesOf(bytes: Buffer, from: number, type: number): Generator<Buffer> {
  const view = viewOf(bytes);
  for (let at = from; at + attributeHeaderBytes <= bytes.length;) {
    const length = view.getUint16(at, isLittleEndian);
    const found = view.getUint16(at + 2, isLittleEndian) & typeMask;
    if (found === type) yield bytes.subarray(at + attributeHeaderBytes, at + length);
    at += Math.max(attributeHeaderBytes, aligned(length));
  }
}

/** The text of a C string, without the NUL that ends it. */
export function textOf(value: Buffer | undefined): string | undefined {
  return value?.toString('latin1').replace(/\0+$/, '');
}

/** struct sockaddr_nl: family, padding, port (0: the kernel chooses one) and groups. */
export function formatSocketAddress(family: number, groups: number): Buffer {
  const address = Buffer.alloc(12);
  const view = viewOf(address);
  view.setUint16(0, family, isLittleEndian);
  view.setUint32(8, groups, isLittleEndian);
  return address;
}

/** NLMSG_ERROR, NLMSG_DONE; source: linux include/uapi/linux/netlink.h. */
const typeError = 2;
const typeDone = 3;

/** Whether a message ends a dump. The dump is complete unless {@link checkRefusal} throws for that message. */
export function isEnd({ type }: NetlinkMessage): boolean {
  return type === typeDone;
}

/**
 * Checks the status of an error message, and since Linux 4.15 that of the end of a dump; an acknowledgement passes.
 *
 * @throws Error with the code that the kernel refused with
 */
export function checkRefusal(message: NetlinkMessage): void {
  const { type, body } = message;
  if ((type !== typeError && type !== typeDone) || body.length < 4) return;
  const status = int32Of(body);
  if (status >= 0) return;
  const code = getSystemErrorName(status);
  const what = isEnd(message) ? `the kernel ended a table early: ${code}` : `the kernel refused: ${code}`;
  throw Object.assign(new Error(code === 'EMSGSIZE' ? `${what}, ${longEntry}` : what), { code });
}

/** The kernel has 32 KiB for an entry of a dump, and omits all entries behind a longer one. */
export const longEntry =
  'an entry is too long to be listed, such as a route with thousands of next hops; shorten it, else what lies behind it is unknown';

export function int32Of(bytes: Buffer): number {
  return viewOf(bytes).getInt32(0, isLittleEndian);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
