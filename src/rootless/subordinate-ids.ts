/** Ids of a user namespace, from the first on, and the ids of the host that they stand for. */
export interface IdMapping {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/**
 * Id 0 is the user, and those from 1 on are the subordinate ones, as Podman maps them.
 *
 * @param text of `/etc/subuid` or `/etc/subgid`; source: subuid(5)
 * @param owners the user's name and id: either may begin a line
 * @returns undefined when none are given to the user
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
