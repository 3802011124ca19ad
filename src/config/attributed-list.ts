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

/** @param lists in the order of their files */
export function joinLists(lists: readonly AttributedList[], defaults: readonly string[]): readonly string[] {
  let joined = defaults;
  let isAppended = false;
  for (const { values, append } of lists) {
    isAppended = append ?? isAppended;
    joined = isAppended ? [...joined, ...values] : values;
  }
  return joined;
}
