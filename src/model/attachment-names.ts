import { maxInterfaceNameBytes, namePattern } from './names.js';

/** Rules for the names of an attachment. Each name becomes a part of paths and an argument of plugins, so clients and files are held to them. */

/** source: containernetworking/cni pkg/utils/utils.go@v1.1.2 (ValidateContainerID) @returns why it cannot be one */
export function findFaultOfContainerId(containerId: string): string | undefined {
  return namePattern.test(containerId) ? undefined : `it has to match ${namePattern.source}`;
}

/** source: containernetworking/cni pkg/utils/utils.go@v1.1.2 (ValidateNetworkName) @returns why it cannot be one */
export function findFaultOfNetworkName(name: string): string | undefined {
  return namePattern.test(name) ? undefined : `it has to match ${namePattern.source}`;
}

/**
 * source: linux net/core/dev.c (dev_valid_name), containernetworking/cni pkg/utils/utils.go@v1.1.2 (ValidateInterfaceName)
 *
 * @returns why it cannot be one
 */
export function findFaultOfInterfaceName(interfaceName: string): string | undefined {
  if (interfaceName === '') return 'it is empty';
  if (Buffer.byteLength(interfaceName) > maxInterfaceNameBytes)
    return `it has more than ${maxInterfaceNameBytes} bytes`;
  if (interfaceName === '.' || interfaceName === '..') return 'it is the name of a folder';
  // oxlint-disable-next-line no-control-regex -- those are what must not be in it
  if (/[/:%\s\u0000-\u001f\u007f]/.test(interfaceName)) return 'it has a slash, colon, space or control character';
  return undefined;
}
