import type { Test } from 'tap';
import type { Answer } from '../../support/client.js';
import type { Case, Expected, Scenario } from './case.js';
import { compileExpected } from './match.js';

/** A server under the contract. */
export interface Peer {
  /** The folder of its conflists; undefined when it is not ours to see. */
  readonly folder: string | undefined;
  ask(method: string, url: string, body?: string): Promise<Answer>;
}

/**
 * Asks a server for all of a scenario and compares statuses and raw bodies.
 *
 * @param choose the answer that this server owes, or undefined not to ask
 */
export async function askAll(
  t: Test,
  peer: Peer,
  { cases }: Scenario,
  choose: (asked: Case) => Expected | undefined,
  onAnswer: (asked: Case, answer: Answer) => void = () => undefined,
): Promise<void> {
  for (const asked of cases) {
    const expected = choose(asked);
    if (expected === undefined) continue;
    const answer = await peer.ask(asked.method, asked.url, asked.body);
    const label = `${asked.ask} ${asked.body ?? ''}`.slice(0, 160);
    const wanted = expected.text === '' ? '' : `${expected.text}\n`;
    const isSame = answer.status === expected.status && compileExpected(wanted, peer.folder ?? '').test(answer.text);
    if (isSame) t.pass(label);
    else t.strictSame([answer.status, answer.text], [expected.status, wanted], label);
    onAnswer(asked, answer);
  }
}
