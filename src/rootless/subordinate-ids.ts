/** A range of ids: the first one inside the user namespace, and the first one of the host that it stands for. */
export interface IdMapping {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/**
 * Maps id 0 to the user, and the ids from 1 on to the subordinate ones, as Podman does.
 *
 * @param text of `/etc/subuid` or `/etc/subgid`; source: subuid(5)
 * @param owners the user's name and id: either may begin a line
 * @returns undefined when the user has no subordinate ids
 */
export function mapSubordinateIds(
  text: string,
  owners: readonly string[],
  ownId: number,
): readonly IdMapping[] | undefined {
  const ranges = text.split('\n').flatMap((line) => {
    const [, owner, start, count] = /^([^:#]+):(\d+):(\d+)\s*$/.exec(line) ?? [];
    const isOurs = owner !== undefined && owners.includes(owner) && Number(count) > 0;
    return isOurs ? [{ start: Number(start), count: Number(count) }] : [];
  });
  if (ranges.length === 0) return undefined;
  const mappings: IdMapping[] = [{ inside: 0, outside: ownId, count: 1 }];
  let inside = 1;
  for (const { start, count } of ranges) {
    mappings.push({ inside, outside: start, count });
    inside += count;
  }
  return mappings;
}
