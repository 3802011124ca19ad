import t from 'tap';
import type { Edit, Request } from './commands.js';
import { expect } from './dialects.js';
import type { FolderCall } from './folder-history.js';
import { fileOf, type ModelFile } from './folder-model.js';
import { explain } from './side-by-side.js';

const edit: Edit = {
  edit: 'put',
  shape: 'own',
  name: 'ma',
  subnet: '10.77.0.0/24',
  bridge: 'cni-podman1',
  labels: { team: 'y' },
  inPlace: false,
};
const given: FolderCall = { op: { kind: 'edit', edit }, calledAt: 1, answeredAt: 2 };
const file = fileOf(edit);

/** Calls of two clients whose answers overlap, and the list after both. */
function afterBoth(first: Answered, second: Answered, left: readonly ModelFile[]): readonly FolderCall[] {
  const list: Request = { kind: 'list', dialect: 'libpod-v4', filters: [{ key: 'name', value: '^ma' }] };
  return [given, ask(1, first, 3, 5), ask(2, second, 4, 6), ask(3, [list, expect(list, { listed: left })], 7, 8)];
}

type Answered = readonly [request: Request, seen: string];

function ask(id: number, [request, seen]: Answered, calledAt: number, answeredAt: number): FolderCall {
  return { op: { kind: 'ask', id, on: 0, request, seen, isRefusal: false, failures: [] }, calledAt, answeredAt };
}

const target = { name: 'ma', idLength: 0 };
const update = (labels: Edit['labels']): Answered => {
  const request: Request = { kind: 'update', dialect: 'libpod-v4', target, labels };
  return [request, expect(request, { updated: { ...file, labels } })];
};

t.test('an update that changes nothing at first may come after one that changes its labels', (t) => {
  for (const labels of [{}, { team: 'y' }])
    t.ok(explain(afterBoth(update({}), update({ team: 'y' }), [{ ...file, labels }])).explained);
  t.throws(() => explain(afterBoth(update({}), update({ team: 'y' }), [{ ...file, labels: { team: 'x' } }])));
  t.end();
});

t.test('a create of a network that may exist may come after its removal', (t) => {
  const creating: Request = {
    kind: 'create',
    dialect: 'libpod-v4',
    name: 'ma',
    subnet: '10.77.0.0/24',
    bridge: 'cni-podman1',
    driver: 'bridge',
    labels: { team: 'y' },
    mtu: 0,
    internal: false,
    mayExist: true,
  };
  const removing: Request = { kind: 'remove', dialect: 'libpod-v4', target };
  const create: Answered = [creating, expect(creating, { made: file })];
  const remove: Answered = [removing, expect(removing, { removed: [file] })];
  for (const left of [[], [file]]) t.ok(explain(afterBoth(create, remove, left)).explained);
  t.end();
});
