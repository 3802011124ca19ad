import t from 'tap';
import { describeAnnounced, describeConcluded } from '../../src/audit/describe.js';
import type { FileHashes } from '../../src/model/audited-request.js';
import { makePrune } from '../support/audited-prune.js';

const removed = (file: string): FileHashes => ({ file, before: 'a'.repeat(64), after: null });
const ok = { status: 200, outcome: 'ok', reason: undefined };

const makeRequest = () => makePrune({ uid: 0, gid: 0, pid: 7, hints: { comm: 'curl' } });

const read = (members: string) => JSON.parse(`{${members.slice(1)}}`) as Record<string, unknown>;

t.test('the line of an outcome has the changes that were made, whatever was announced', (t) => {
  const [a, b] = [removed('a'), removed('b')];
  const cases: readonly (readonly [made: readonly FileHashes[], announced: readonly FileHashes[]])[] = [
    [
      [a, b],
      [a, b],
    ],
    [[a], [a, b]],
    // The network of the second announcement could not be removed.
    [[a], [b]],
    [[a, b], [b]],
    [[], [b]],
    [[a], []],
  ];
  for (const [made, announced] of cases) {
    const request = makeRequest();
    request.announcement = describeAnnounced({ request, changes: announced });
    request.changes = [...made];
    const line = read(describeConcluded(request, ok));
    t.strictSame(line['changes'], made, JSON.stringify([made, announced]));
    const { id, operation, caller } = request;
    t.match(line, { id, operation, who: caller.who, socket: caller.socket, role: 'admin', status: 200, outcome: 'ok' });
  }
  t.end();
});

t.test('the line of an outcome has the name of the network, where the announcement had its id', (t) => {
  const request = { ...makeRequest(), network: '2f259bab93aa' };
  request.announcement = describeAnnounced({ request, changes: [] });
  t.equal(read(request.announcement.description)['network'], '2f259bab93aa');
  request.network = 'podman';
  t.equal(read(describeConcluded(request, ok))['network'], 'podman');
  t.end();
});
