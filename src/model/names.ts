import type { AttachmentKey } from './attachment.js';
import { NetworkError } from './errors/errors.js';
import { sha256 } from './sha256.js';

/** With `.conflist` behind it a name still fits the 255 bytes of a file name. */
export const maxNameBytes = 235;
/** IFNAMSIZ less the terminating zero; source: linux include/uapi/linux/if.h. */
export const maxInterfaceNameBytes = 15;

/** source: containers/common libnetwork/cni/cni_types.go@v0.50.1 */
export const devicePrefix = 'cni-podman';

/** The name of a bridge for which a client gave none; 0 belongs to the default network. */
export function deviceName(number: number): string {
  return `${devicePrefix}${number}`;
}

const numberedDevice = new RegExp(`^${devicePrefix}([1-9][0-9]*)$`);

/** The number ≥ 1 of a device that {@link deviceName} may have named. */
export function deviceNumber(device: string): number | undefined {
  const number = numberedDevice.exec(device)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** source: containers/common libnetwork/types/const.go@v0.50.1 */
export const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** @throws NetworkError invalid */
export function checkNetworkName(name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes > maxNameBytes) throw new NetworkError('nameTooLong', { name, bytes, limitBytes: maxNameBytes });
  if (!namePattern.test(name)) throw new NetworkError('nameInvalid', { name });
}

/** @throws NetworkError invalid */
export function checkBridgeName(bridge: string): void {
  if (!namePattern.test(bridge)) throw new NetworkError('bridgeNameInvalid', { bridge });
  if (bridge.length > maxInterfaceNameBytes) {
    throw new NetworkError('bridgeNameTooLong', { bridge, limitBytes: maxInterfaceNameBytes });
  }
}

/** Network modes of `podman run --network`; source: podman pkg/domain/infra/abi/network.go@v4.3.1, v5 adds pasta and default. */
const reservedNames = new Set([
  'none',
  'host',
  'bridge',
  'private',
  'slirp4netns',
  'pasta',
  'container',
  'ns',
  'default',
]);

/** @throws NetworkError forbidden */
export function refuseReservedName(name: string): void {
  if (reservedNames.has(name)) throw new NetworkError('nameReserved', { name });
}

/** Every Podman with CNI derives the id this way; source: containers/common libnetwork/cni/network.go@v0.50.1. */
export function networkId(name: string): string {
  return sha256(name);
}

/**
 * Id and name of a network namespace that belongs to no container: an id in the form of a container's, the same at each time, and the name of
 * its file.
 *
 * @param netns absolute path
 */
export function nameNetns(netns: string): { readonly id: string; readonly name: string } {
  const id = sha256(`netns:${netns}`);
  const processId = /^\/proc\/(\d+)\/ns\/net$/.exec(netns)?.[1];
  const name = processId === undefined ? netns.slice(netns.lastIndexOf('/') + 1) : `pid-${processId}`;
  return { id, name: namePattern.test(name) ? name : id };
}

/** Docker's id of an attachment to which no engine gave one: of Docker's form, and the same at each time. */
export function endpointId({ networkName, containerId, ifName }: AttachmentKey): string {
  return sha256(`endpoint:${networkName}/${containerId}/${ifName}`);
}
