import t from 'tap';
import { explainHistory, type Call, type Specification } from './explain-history.js';

/** A cell that is written in two steps, as files are; reads see the second one. */
type CellOp =
  | { readonly write: string; readonly isLost?: boolean }
  | { readonly read: string }
  | { readonly swap: string; readonly found: string };

interface Cell {
  readonly value: string;
  readonly coming: string | undefined;
}

const cell: Specification<Cell, CellOp> = {
  describe: ({ value, coming }) => `${value} ${coming}`,
  *steps(state, op, phase) {
    if ('read' in op) {
      if (op.read === state.value) yield { state, phase: undefined, silent: true };
    } else if ('swap' in op) {
      if (op.found === state.value) yield { state: { ...state, value: op.swap }, phase: undefined, silent: false };
    } else if (phase === 0) {
      if (op.isLost === true) yield { state, phase: undefined, silent: false };
      if (state.coming === undefined) yield { state: { ...state, coming: op.write }, phase: 1, silent: false };
    } else {
      yield { state: { value: op.write, coming: undefined }, phase: undefined, silent: false };
    }
  },
};

/** Each call as `[op, called, answered]`. */
function explain(...calls: readonly (readonly [CellOp, number, number])[]) {
  const history = calls.map(([op, calledAt, answeredAt]): Call<CellOp> => ({ op, calledAt, answeredAt }));
  return explainHistory(history, { value: '', coming: undefined }, cell);
}

t.test('calls one after another have one order', (t) => {
  t.ok(explain([{ write: 'a' }, 1, 2], [{ read: 'a' }, 3, 4]).explained);
  t.notOk(explain([{ write: 'a' }, 1, 2], [{ read: '' }, 3, 4]).explained, 'a stale answer');
  t.notOk(explain([{ read: 'a' }, 1, 2], [{ write: 'a' }, 3, 4]).explained, 'an answer from the future');
  t.end();
});

t.test('calls side by side have several orders', (t) => {
  for (const read of ['', 'a']) t.ok(explain([{ write: 'a' }, 1, 4], [{ read }, 2, 3]).explained);
  t.notOk(explain([{ write: 'a' }, 1, 4], [{ read: 'b' }, 2, 3]).explained);
  const writes = [[{ write: 'a' }, 1, 10] as const, [{ write: 'b' }, 2, 9] as const];
  t.ok(explain(...writes, [{ read: 'a' }, 3, 4], [{ read: 'b' }, 5, 6]).explained);
  t.notOk(
    explain(...writes, [{ read: 'a' }, 3, 4], [{ read: 'b' }, 5, 6], [{ read: 'a' }, 7, 8]).explained,
    'back to a value that was overwritten',
  );
  t.end();
});

t.test('two winners where there can be one', (t) => {
  t.ok(explain([{ swap: 'a', found: '' }, 1, 3], [{ swap: 'b', found: 'a' }, 2, 4]).explained);
  t.notOk(explain([{ swap: 'a', found: '' }, 1, 3], [{ swap: 'b', found: '' }, 2, 4]).explained);
  t.end();
});

t.test('a lost call may have been done or not, but not later than it was lost', (t) => {
  for (const read of ['', 'a']) t.ok(explain([{ write: 'a', isLost: true }, 1, 2], [{ read }, 3, 4]).explained);
  t.notOk(explain([{ write: 'a', isLost: true }, 1, 2], [{ read: '' }, 3, 4], [{ read: 'a' }, 5, 6]).explained);
  t.end();
});

t.test('a history without an order is explained as far as possible, and the search ends', (t) => {
  const { explained, order, state } = explain([{ write: 'a' }, 1, 2], [{ read: 'b' }, 3, 4]);
  t.match({ explained, order, state }, { explained: false, order: [0, 0], state: { value: 'a' } });
  const many = Array.from({ length: 12 }, (_, index) => [{ swap: String(index), found: 'x' }, 1, 99] as const);
  t.notOk(explain(...many).explained);
  const writes = Array.from({ length: 12 }, (_, index): Call<CellOp> => ({
    op: { write: String(index) },
    calledAt: 1,
    answeredAt: 99,
  }));
  const read = { op: { read: 'never' }, calledAt: 1, answeredAt: 99 };
  t.throws(() => explainHistory([...writes, read], { value: '', coming: undefined }, cell, 500), {
    message: /500 states/,
  });
  t.end();
});
