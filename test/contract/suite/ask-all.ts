import type { Test } from 'tap';
import type { Answer } from '../../support/client.js';
import type { Case, Expected, Scenario } from './case.js';
import { compileExpected } from './match.js';

/** A server under the contract. */
export interface Peer {
  /** The folder of the server's conflists; undefined when the test cannot read it. */
  readonly folder: string | undefined;
  ask(method: string, url: string, body?: string): Promise<Answer>;
}

/**
 * Sends a server all requests of a scenario, and compares statuses and raw bodies.
 *
 * @param choose the expected answer of this server, or undefined to skip the request
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
