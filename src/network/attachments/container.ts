import type { Attachment } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import { nameNetns, namePattern } from '../../model/names.js';
import type { ContainerNamespaces } from '../dependencies/namespaces.js';

/** Something that can be on a network: what the cache knows as a container, or a network namespace by itself. */
export interface Container {
  readonly id: string;
  readonly name: string;
  /** Path of its network namespace, whether it is still there or not. */
  readonly netns: string | undefined;
  /** Another namespace may be at the path by now. */
  readonly isGone: boolean;
}

export interface ContainerSearch {
  readonly known: readonly Attachment[];
  readonly namespaces: Pick<ContainerNamespaces, 'find' | 'judge'>;
  /** Whether the path of a namespace means one that was there before, too. */
  readonly withGone: boolean;
}

/**
 * By id, by name, by path or name of a network namespace, by the unique beginning of an id.
 *
 * @throws NetworkError notFound, ambiguous, invalid, storage
 */
export function findContainer(nameOrId: string, { known, namespaces, withGone }: ContainerSearch): Container {
  if (nameOrId === '') throw new NetworkError('containerNameEmpty', {});
  const exact = known.filter(
    ({ containerId, containerName }) => containerId === nameOrId || containerName === nameOrId,
  );
  const byName = pickOne(nameOrId, exact, namespaces);
  if (byName !== undefined) return byName;
  const netns = namespaces.find(nameOrId);
  if (netns !== undefined) {
    const inside = known.filter((attachment) => attachment.netns === netns);
    const meant = withGone ? inside : inside.filter((attachment) => namespaces.judge(attachment) !== 'gone');
    return pickOne(nameOrId, meant, namespaces) ?? { ...nameNetns(netns), netns, isGone: false };
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

/** The one container that attachments are of; a living one rather than those that are gone. */
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

/** It becomes part of CNI_ARGS, where other characters would end it. */
function usableName(name: string | undefined): string | undefined {
  return name !== undefined && namePattern.test(name) ? name : undefined;
}
