/** A function that computes again only when its object is another one, or its text differs, than at the last call. */
export function rememberLast<T extends object | string, R>(compute: (value: T) => R): (value: T) => R {
  let last: { readonly value: T; readonly result: R } | undefined;
  return (value) => {
    if (last?.value !== value) last = { value, result: compute(value) };
    return last.result;
  };
}
