import { missingBody } from '../../model/errors/request.js';
import { describeHolder, describeNetwork } from '../../model/errors/subnet.js';
import type { ErrorTexts } from '../dialect.js';
import { listFilterTexts } from '../filters.js';

/** source: podman libpod/network/create.go, pkg/api/handlers/libpod/networks.go@54b588c07d */
export const libpodV3Texts: ErrorTexts = {
  ...listFilterTexts,
  bodyMissing: () => ({ message: `Decode(): ${missingBody}`, cause: 'EOF' }),
  bodyInvalid: ({ reason }) => ({ message: `Decode(): ${reason}`, cause: reason }),
  addressInvalid: ({ text }) => ({
    message: `Decode(): invalid IP address: ${text}`,
    cause: `invalid IP address: ${text}`,
  }),
  maskNotBase64: ({ at, mask }) => ({
    message: `Decode(): illegal base64 data at input byte ${at}: "${mask}"`,
    cause: `illegal base64 data at input byte ${at}`,
  }),
  driverUnsupported: ({ driver }) => `driver '${driver}' is not supported`,
  optionUnsupported: ({ option }) => `unsupported option ${option}`,
  mtuNegative: ({ mtu }) => `the value ${mtu} for mtu is less than zero`,
  gatewayOutside: ({ gateway, subnet }) => `gateway ${gateway} is not in valid for subnet ${subnet}`,
  subnetUsedByNetwork: ({ subnet, ...holder }) =>
    `network ${subnet} is already being used by a cni configuration: it overlaps ${describeNetwork(holder)}`,
  subnetUsedByInterface: ({ subnet, other, link }) =>
    `network ${subnet} is being used by a network interface: it overlaps ${describeHolder(other, 'network interface', link)}`,
  networkNotFound: ({ nameOrId }) => ({
    message: `unable to find network configuration for ${nameOrId}: network not found`,
    cause: 'network not found',
  }),
  nameUsed: ({ name }) => `the network name ${name} is already used`,
  parentMissing: ({ parent }) => `failed to find network interface "${parent}"`,
  inspectAmbiguous: ({ nameOrId }) => ({
    message: `error inspecting network ${nameOrId}: more than one result for network ID ${nameOrId}`,
    cause: `more than one result for network ID ${nameOrId}`,
  }),
};
