import type { Config } from '../config/config.js';
import { formatCidr } from '../ip/cidr.js';
import type { FleetState } from '../model/fleet.js';
import type { FileProblem, StoredNetwork } from '../network/dependencies/stored-network.js';

/** The problems of a host in its fleet: those of a network with its file, the others with the file of own blocks. */
export function listFleetProblems(
  { fleet }: Pick<Config, 'fleet'>,
  state: FleetState | undefined,
  networks: readonly StoredNetwork[],
): readonly FileProblem[] {
  if (fleet?.kind !== 'store' || state === undefined) return [];
  const paths = new Map(networks.map(({ network, path }) => [network.name, path]));
  const at = (path: string, reason: string) => ({ path, reason: `fleet: ${reason}`, line: undefined });
  return [
    ...state.collisions.map(({ network, subnet, block, owner }) =>
      at(
        paths.get(network) ?? fleet.stateFile,
        `subnet ${formatCidr(subnet)} of network ${network} is in block ${formatCidr(block)} of host ${owner}`,
      ),
    ),
    ...state.problems.map(({ code, reason }) => at(fleet.stateFile, `${code}: ${reason}`)),
  ];
}
