/**
 * A list of containers.conf that may say what becomes of what earlier files said: `["/opt/cni/bin", { append = true }]`.
 * source: containers/common internal/attributedstring/slice.go@v0.57.0
 */
export interface AttributedList {
  readonly values: readonly string[];
  /** Undefined: as an earlier file had it, which is false when none had it. */
  readonly append: boolean | undefined;
}

export type ListItem = string | { readonly append?: boolean };

/** The attribute may stand anywhere among the values; of several the last one counts. */
export function readAttributedList(items: readonly ListItem[]): AttributedList {
  const attributes = items.flatMap((item) => (typeof item === 'string' ? [] : (item.append ?? [])));
  return { values: items.filter((item) => typeof item === 'string'), append: attributes.at(-1) };
}

/** The lists whose values count, and whether the defaults come before them. @param lists in the order of their files */
export function findCounting<L extends AttributedList>(
  lists: readonly L[],
): { readonly counting: readonly L[]; readonly withDefaults: boolean } {
  let counting: readonly L[] = [];
  let withDefaults = true;
  let isAppended = false;
  for (const list of lists) {
    isAppended = list.append ?? isAppended;
    counting = isAppended ? [...counting, list] : [list];
    withDefaults &&= isAppended;
  }
  return { counting, withDefaults };
}

/** @param lists in the order of their files */
export function joinLists(lists: readonly AttributedList[], defaults: readonly string[]): readonly string[] {
  const { counting, withDefaults } = findCounting(lists);
  return [...(withDefaults ? defaults : []), ...counting.flatMap(({ values }) => values)];
}
