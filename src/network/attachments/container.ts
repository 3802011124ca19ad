import type { Attachment } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import { nameNetns, namePattern } from '../../model/names.js';
import type { Sight } from '../dependencies/draft.js';
import type { ContainerNamespaces } from '../dependencies/namespaces.js';

/** A container of the result cache, or a network namespace that the cache does not know. */
export interface Container {
  readonly id: string;
  readonly name: string;
  /** Path of its network namespace, also of one that is gone; undefined when the cache does not record it. */
  readonly netns: string | undefined;
  /** True when the namespace is gone; another one may be at the path by now. */
  readonly isGone: boolean;
}

export interface ContainerSearch extends Pick<Sight, 'seesNetwork'> {
  /** Those of networks that the client does not know of make a container known by its namespace alone. */
  readonly all: readonly Attachment[];
  readonly namespaces: Pick<ContainerNamespaces, 'find' | 'judge'>;
  /** Whether the path of a namespace also finds containers of an earlier namespace there. */
  readonly withGone: boolean;
}

/**
 * Finds a container by id, by name, by path or name of a network namespace, or by the unique beginning of an id.
 *
 * @throws NetworkError notFound, ambiguous, invalid, storage
 */
export function findContainer(
  nameOrId: string,
  { all, seesNetwork, namespaces, withGone }: ContainerSearch,
): Container {
  if (nameOrId === '') throw new NetworkError('containerNameEmpty', {});
  const known = all.filter(({ networkName }) => seesNetwork(networkName));
  const exact = known.filter(
    ({ containerId, containerName }) => containerId === nameOrId || containerName === nameOrId,
  );
  const byName = pickOne(nameOrId, exact, namespaces);
  if (byName !== undefined) return byName;
  const netns = namespaces.find(nameOrId);
  if (netns !== undefined) {
    const isMeant = (attachment: Attachment) =>
      attachment.netns === netns && (withGone || namespaces.judge(attachment) !== 'gone');
    return (
      pickOne(nameOrId, known.filter(isMeant), namespaces) ??
      pickInside(withGone ? [] : all.filter(isMeant), namespaces) ?? { ...nameNetns(netns), netns, isGone: false }
    );
  }
  const byPrefix = known.filter(({ containerId }) => containerId.startsWith(nameOrId));
  const found =
    pickOne(nameOrId, byPrefix, namespaces) ??
    pickOne(
      nameOrId,
      known.filter((attachment) => attachment.netns === nameOrId),
      namespaces,
    );
  if (found === undefined) throw new NetworkError('containerNotFound', { nameOrId });
  return found;
}

/** The one container of some attachments; a living one is preferred to dead ones. @throws NetworkError ambiguous */
function pickOne(
  nameOrId: string,
  attachments: readonly Attachment[],
  namespaces: Pick<ContainerNamespaces, 'judge'>,
): Container | undefined {
  const judged = attachments.map((attachment) => ({ attachment, liveness: namespaces.judge(attachment) }));
  const best = (['alive', 'unknown', 'gone'] as const).find((wanted) => judged.some((one) => one.liveness === wanted));
  const candidates = judged.filter(({ liveness }) => liveness === best).map(({ attachment }) => attachment);
  const [first] = candidates;
  if (first === undefined) return undefined;
  const ids = new Set(candidates.map(({ containerId }) => containerId));
  if (ids.size > 1) throw new NetworkError('containerAmbiguous', { nameOrId, containers: [...ids] });
  const { containerId: id, containerName, netns } = first;
  return { id, name: usableName(containerName) ?? id, netns, isGone: best === 'gone' };
}

/** The container of attachments inside of one namespace, which a client may not know of; none where they are of several, which no message may name. */
function pickInside(
  inside: readonly Attachment[],
  namespaces: Pick<ContainerNamespaces, 'judge'>,
): Container | undefined {
  const isOne = inside.every(({ containerId }) => containerId === inside[0]?.containerId);
  return isOne ? pickOne('', inside, namespaces) : undefined;
}

/** The name if it fits into CNI_ARGS, where other characters would end it. */
function usableName(name: string | undefined): string | undefined {
  return name !== undefined && namePattern.test(name) ? name : undefined;
}
