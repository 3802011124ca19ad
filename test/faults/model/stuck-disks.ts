import { fileOf } from './folder-model.js';
import type { FolderCall, FolderOp } from './folder-history.js';
import { overlap } from './overlap.js';

type Ask = Extract<FolderOp, { readonly kind: 'ask' }>;

interface Listed {
  readonly name: string;
  readonly subnets: readonly string[];
  readonly bridge: string;
}

/**
 * Checks a run in which changes and their withdrawals fail, so that wrong files stay or go: all daemons agree and show the files that are there, no
 * bridge or subnet is given twice, and networks without a removal are there.
 *
 * @param calls calls that end with a list of each daemon and a scan of the folder, which only daemons change
 * @returns the first fault
 */
export function findLoss(calls: readonly FolderCall[]): string | undefined {
  const ops = calls.map(({ op }) => op);
  const asks = ops.flatMap((op) => (op.kind === 'ask' ? [op] : []));
  const given = ops.flatMap((op) => (op.kind === 'edit' ? [fileOf(op.edit).key] : []));
  // A file that could not be put back has a name that no reader takes.
  const found = ops.flatMap((op) => (op.kind === 'scan' ? op.files.filter((file) => file.endsWith('.conflist')) : []));
  const lists = asks.slice(asks.findLastIndex((ask) => !isWholeList(ask)) + 1);
  const [shown = '', ...others] = lists.map(({ seen = '' }) => seen);
  if (others.some((other) => other !== shown)) return 'the daemons do not agree in the end';
  const { networks = [] } = JSON.parse(shown) as { readonly networks?: readonly Listed[] };
  const files = networks.map(({ name }) => `${name}.conflist`).filter((file) => file !== 'podman.conflist');
  const apart = [...files, ...found].filter((file) => files.includes(file) !== found.includes(file));
  if (apart.some((file) => file !== 'podman.conflist')) return `shown or there, and not both: ${apart.join()}`;
  for (const [index, network] of networks.entries()) {
    const rival = networks.slice(0, index).find((other) => isGivenTwice(network, other));
    if (rival !== undefined) return `${network.name} and ${rival.name} share a bridge or a subnet`;
  }
  const made = asks.filter(({ request, isRefusal }) => request.kind === 'create' && !isRefusal).flatMap(fileOfMade);
  const isHunted = asks.some(({ request }) => request.kind === 'prune' || request.kind === 'remove');
  // The default network exists without a file.
  const lost = [...given, ...made].filter((file) => !isHunted && !found.includes(file) && file !== 'podman.conflist');
  return lost.length > 0 ? `gone without a removal: ${lost.join()}` : undefined;
}

function isWholeList({ request }: Ask): boolean {
  return request.kind === 'list' && request.dialect === 'libpod-v4' && request.filters.length === 0;
}

function isGivenTwice(a: Listed, b: Listed): boolean {
  return a.bridge === b.bridge || a.subnets.some((one) => b.subnets.some((other) => overlap(one, other)));
}

/** The file of a create; none where the daemon chose the name and the answer has only its id. */
function fileOfMade({ request, seen = '' }: Ask): readonly string[] {
  const { file, network } = JSON.parse(seen) as {
    readonly file?: string;
    readonly network?: { readonly name: string };
  };
  if (file !== undefined) return [file];
  const name = network?.name ?? (request.kind === 'create' ? request.name : '');
  return name === '' ? [] : [`${name}.conflist`];
}
