/** A function that computes once for each object, for as long as the object lives. */
export function rememberEach<T extends object, R extends string | boolean | object>(
  compute: (value: T) => R,
): (value: T) => R {
  const known = new WeakMap<T, R>();
  return (value) => {
    let result = known.get(value);
    if (result === undefined) known.set(value, (result = compute(value)));
    return result;
  };
}
