/** One call of a concurrent history, on a clock that ticks with each call and each answer. */
export interface Call<O> {
  readonly op: O;
  readonly calledAt: number;
  readonly answeredAt: number;
}

/** A step of a call from a state. */
export interface Step<S> {
  readonly state: S;
  /** Number of steps done; undefined when the call is over. */
  readonly phase: number | undefined;
  /** Whether the step changes nothing and no later step with the same answer would, so that the search may take it as soon as it is possible. */
  readonly silent: boolean;
}

/** The effect of calls on a state, in one or several steps, each of which takes effect at once. */
export interface Specification<S, O> {
  /** The possible steps; none where the answer of the call is wrong for this state. */
  steps(state: S, op: O, phase: number): Iterable<Step<S>>;
  /** A text that is the same for equal states. */
  describe(state: S): string;
}

export interface Explanation<S> {
  readonly explained: boolean;
  /** Indices of calls in the order of their steps; without an explanation, those of the longest order that was found. */
  readonly order: readonly number[];
  /** The state after these steps. */
  readonly state: S;
  readonly visited: number;
}

/**
 * Searches an order of the calls that explains all answers, and in which a call comes after all that were over when it began.
 *
 * source: Wing and Gong, Testing and verifying concurrent objects (1993), with the memory of Lowe, Testing for linearizability (2017)
 *
 * @throws Error after more than `limit` states
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
