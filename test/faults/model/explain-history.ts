/** One call of a concurrent history, on a clock that ticks with each call and each answer. */
export interface Call<O> {
  readonly op: O;
  readonly calledAt: number;
  readonly answeredAt: number;
}

/** Where a call may go from a state. */
export interface Step<S> {
  readonly state: S;
  /** Steps done; undefined when the call is over. */
  readonly phase: number | undefined;
  /** It changes nothing, so that nothing is lost by taking it as soon as it can be had. */
  readonly silent: boolean;
}

/** What calls do to a state, in one or several steps of which each takes effect at once. */
export interface Specification<S, O> {
  /** None where the answer that was given is not the one for this state. */
  steps(state: S, op: O, phase: number): Iterable<Step<S>>;
  /** The same text for the same state. */
  describe(state: S): string;
}

export interface Explanation<S> {
  readonly explained: boolean;
  /** Indices of calls in the order of their steps; where there is no explanation, of the longest way that was found. */
  readonly order: readonly number[];
  /** Where that way ends. */
  readonly state: S;
  readonly visited: number;
}

/**
 * Looks for an order of the calls in which each has the answer that it got, and none comes before one that was over when it was called.
 *
 * source: Wing and Gong, Testing and verifying concurrent objects (1993), with the memory of Lowe, Testing for linearizability (2017)
 *
 * @throws Error when more than `limit` states had to be looked at
 */
export function explainHistory<S, O>(
  calls: readonly Call<O>[],
  initial: S,
  specification: Specification<S, O>,
  limit = 1_000_000,
): Explanation<S> {
  const seen = new Set<string>();
  const order: number[] = [];
  let best: { readonly order: readonly number[]; readonly state: S } = { order: [], state: initial };
  const over = undefined;

  const search = (state: S, phases: readonly (number | undefined)[]): S | undefined => {
    const left = calls.flatMap((call, index) => (phases[index] === over ? [] : [{ ...call, index }]));
    if (order.length > best.order.length) best = { order: [...order], state };
    const [first] = left;
    if (first === undefined) return state;
    const key = `${phases.join()} ${specification.describe(state)}`;
    if (seen.has(key)) return undefined;
    seen.add(key);
    if (seen.size > limit) throw new Error(`no order among the first ${limit} states of ${calls.length} calls`);
    const horizon = Math.min(...left.map(({ answeredAt }) => answeredAt));
    const steps = left
      .filter(({ calledAt }) => calledAt < horizon)
      .flatMap(({ op, index }) =>
        [...specification.steps(state, op, phases[index] ?? 0)].map((step) => ({ ...step, index })),
      );
    const silent = steps.find((step) => step.silent);
    for (const step of silent ? [silent] : steps) {
      order.push(step.index);
      const end = search(step.state, phases.with(step.index, step.phase));
      if (end !== undefined) return end;
      order.pop();
    }
    return undefined;
  };

  const phases = calls.map(() => 0);
  const end = search(initial, phases);
  return end === undefined
    ? { explained: false, ...best, visited: seen.size }
    : { explained: true, order, state: end, visited: seen.size };
}
