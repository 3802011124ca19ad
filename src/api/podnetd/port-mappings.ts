import { Type, type Static } from '@sinclair/typebox';
import { formatAddress, parseAddress } from '../../ip/cidr.js';
import { bounds } from '../../model/bounds.js';
import { portProtocols, type PortMapping } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';

/** As libpod has it. source: containers/common libnetwork/types/network.go@v0.50.1 (PortMapping) */
export const PortMappings = Type.Array(
  Type.Object(
    {
      host_ip: Type.Optional(Type.String({ description: 'Empty: every address of the host' })),
      container_port: Type.Optional(Type.Integer({ examples: [80] })),
      host_port: Type.Optional(Type.Integer({ description: 'Needed: none is chosen', examples: [8080] })),
      range: Type.Optional(Type.Integer({ description: 'How many ports, counting up from both; 0 is 1' })),
      protocol: Type.Optional(Type.String({ description: 'tcp (default), udp, sctp, or several with commas' })),
    },
    { title: 'PortMapping', additionalProperties: false },
  ),
  { maxItems: bounds.portMappings },
);
type PortMappings = Static<typeof PortMappings>;

/** One mapping a port and protocol. @throws NetworkError invalid */
export function readPortMappings(wanted: PortMappings): readonly PortMapping[] {
  const mappings: PortMapping[] = [];
  for (const entry of wanted) {
    const { host_ip: hostIp = '', container_port: containerPort = 0, host_port: hostPort = 0 } = entry;
    const { range = 0, protocol: protocolText = '' } = entry;
    const mapping = `${hostPort}:${containerPort}/${protocolText || 'tcp'}`;
    const refuse = (reason: string) => new NetworkError('portMappingInvalid', { mapping, reason });
    const address = hostIp === '' ? undefined : parseAddress(hostIp);
    if (hostIp !== '' && address === undefined) throw refuse(`host_ip ${JSON.stringify(hostIp)} is no address`);
    const count = range === 0 ? 1 : range;
    const names = (protocolText || 'tcp').split(',');
    if (count < 0) throw refuse(`range ${range} is below zero`);
    if (mappings.length + count * names.length > bounds.portMappings)
      throw refuse(`a connect has at most ${bounds.portMappings} ports`);
    for (const name of names) {
      const protocol = portProtocols.find((known) => known === name);
      if (protocol === undefined) throw refuse(`${JSON.stringify(name)} is none of ${portProtocols.join(', ')}`);
      for (let step = 0; step < count; step += 1) {
        mappings.push({
          hostPort: hostPort + step,
          containerPort: containerPort + step,
          protocol,
          hostIp: address && formatAddress(address),
        });
      }
    }
  }
  return mappings;
}
