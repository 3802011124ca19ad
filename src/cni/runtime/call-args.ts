import { formatAddress } from '../../ip/cidr.js';
import type { Attachment } from '../../model/attachment.js';
import { asObject, type JsonObject } from '../../model/json-object.js';
import type { NewAttachment } from '../../network/dependencies/runtime.js';
import { pluginsOf } from '../conflist/structure.js';
import type { CacheEntry } from '../attachments/cache-entry.js';

/** CNI_ARGS as Podman passes them; source: containers/common libnetwork/cni/run.go@v0.50.1 (getRuntimeConfig). */
export function buildCniArgs(attachment: NewAttachment): CacheEntry['cniArgs'] {
  const { containerId, containerName, macAddress, staticAddresses } = attachment;
  const [address, second] = staticAddresses;
  return [
    ['IgnoreUnknown', '1'],
    ['K8S_POD_NAMESPACE', containerName],
    ['K8S_POD_NAME', containerName],
    ['K8S_POD_INFRA_CONTAINER_ID', containerId],
    ...(macAddress === undefined ? [] : [['MAC', macAddress] as const]),
    // host-local before 1.0 takes one address at most, and only here.
    ...(address === undefined || second !== undefined ? [] : [['IP', formatAddress(address)] as const]),
  ];
}

/** Capability arguments as Podman passes them, by capability. */
export function buildCapabilityArgs(attachment: NewAttachment): JsonObject {
  const { network, aliases, macAddress, portMappings, staticAddresses } = attachment;
  return {
    ...(aliases.length > 0 && { aliases: { [network.network.name]: aliases } }),
    ...(staticAddresses.length > 1 && { ips: staticAddresses.map(formatAddress) }),
    ...(macAddress !== undefined && { mac: macAddress }),
    ...(portMappings.length > 0 && {
      portMappings: portMappings.map(({ hostPort, containerPort, protocol, hostIp = '' }) => ({
        hostPort,
        containerPort,
        protocol,
        hostIP: hostIp,
      })),
    }),
  };
}

/** The conflist, whose first plugin declares `ips` if several addresses are asked for: Podman passes them there in any case. */
export function declareAddresses(conflist: JsonObject, capabilityArgs: JsonObject): JsonObject {
  const [first, ...rest] = pluginsOf(conflist);
  if (capabilityArgs['ips'] === undefined || first === undefined) return conflist;
  const declared = asObject(first['capabilities']);
  return { ...conflist, plugins: [{ ...first, capabilities: { ...declared, ips: true } }, ...rest] };
}

/** The entry with arguments that ask for the addresses that the attachment had. */
export function askForTheSame(entry: CacheEntry, { addresses, macAddress }: Attachment): CacheEntry {
  const texts = addresses.map(({ address }) => formatAddress(address));
  const asked = new Set(['IP', 'MAC']);
  const [first, second] = texts;
  return {
    ...entry,
    cniArgs: [
      ...entry.cniArgs.filter(([key]) => !asked.has(key)),
      ...(macAddress === undefined ? [] : [['MAC', macAddress] as const]),
      ...(first === undefined || second !== undefined ? [] : [['IP', first] as const]),
    ],
    capabilityArgs: {
      ...entry.capabilityArgs,
      ...(macAddress !== undefined && { mac: macAddress }),
      ...(second !== undefined && { ips: texts }),
    },
  };
}
