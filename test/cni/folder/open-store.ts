import { buildFallbackFile } from '../../../src/cni/folder/fallback-file.js';
import { NetworkStore } from '../../../src/cni/folder/store.js';
import { Files } from '../../../src/host/files/files.js';
import { makeCidr } from '../../../src/ip/cidr.js';
import type { FileProblem } from '../../../src/network/dependencies/stored-network.js';
import { planDefaultNetwork } from '../../../src/network/create/default-network.js';

/** A store of a folder, with what it reported so far. */
export function openStore(
  folder: string,
  files = new Files(),
  isHeldElsewhere = () => false,
): { store: NetworkStore; problems: FileProblem[]; changes: string[] } {
  const problems: FileProblem[] = [];
  const changes: string[] = [];
  const settings = {
    defaultNetwork: 'podman',
    defaultSubnet: makeCidr({ family: 4, value: 0x0a580000n }, 16),
  };
  const store = new NetworkStore(
    folder,
    files,
    () => buildFallbackFile(planDefaultNetwork(settings), 0),
    {
      problem: (problem) => problems.push(problem),
      change: ({ action, network }) => changes.push(`${action} ${network.name}`),
      cleared: () => undefined,
    },
    isHeldElsewhere,
  );
  return { store, problems, changes };
}
