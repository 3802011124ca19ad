import t from 'tap';
import type { Request } from './commands.js';
import { findFalseEvent, type ReportedEvents } from './event-history.js';
import type { FolderCall } from './folder-history.js';

const creating = (isRefusal: boolean): FolderCall => {
  const request: Request = {
    kind: 'create',
    dialect: 'libpod-v3',
    name: 'ma',
    subnet: '',
    bridge: '',
    driver: 'bridge',
    labels: {},
    mtu: 0,
    internal: false,
    mayExist: false,
  };
  const seen = JSON.stringify(isRefusal ? { status: 500, message: '' } : { status: 200, file: 'ma.conflist' });
  return { op: { kind: 'ask', id: 1, on: 0, request, seen, isRefusal, failures: [] }, calledAt: 1, answeredAt: 2 };
};
const removing: FolderCall = {
  op: {
    kind: 'ask',
    id: 2,
    on: 0,
    request: { kind: 'remove', dialect: 'compat', target: { name: 'ma', idLength: 0 } },
    seen: JSON.stringify({ status: 204 }),
    isRefusal: false,
    failures: [],
  },
  calledAt: 3,
  answeredAt: 4,
};
const reported = (on: number, actions: readonly string[], after: readonly string[]): ReportedEvents => ({
  on,
  before: [],
  events: actions.map((action) => ({ action, name: 'ma' })),
  after,
});

const made = [creating(false), removing];
for (const [what, calls, events, wrong] of [
  ['its own changes', made, reported(0, ['create', 'remove'], []), undefined],
  ['changes of another daemon, missed', made, reported(1, [], []), undefined],
  ['its own changes, missed', made, reported(0, [], []), /made it 1 times itself/],
  ['a create that failed', [creating(true)], reported(1, ['create', 'remove'], []), /made 0 times/],
  ['two creates without a removal', made, reported(0, ['create', 'create'], ['ma']), /before it was not there/],
  ['a removal alone', made, reported(1, ['remove'], []), /before it was not there/],
  ['more events than changes', made, reported(1, ['create', 'remove', 'create', 'remove'], []), /made 1 times/],
  ['another end', [creating(false)], reported(1, ['create'], []), /but it is not shown/],
] as const) {
  t.test(what, async (t) => {
    const found = findFalseEvent(calls, events, ['mb', 'ma']);
    if (wrong === undefined) t.equal(found, undefined);
    else t.match(found, wrong);
  });
}
