import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { PlaceProgram } from '../../../src/host/programs/program-call.js';
import { PlaceholderNetnses } from '../../../src/cni/runtime/placeholder-netns.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { missing } from '../../support/tools.js';

const skip = missing('unshare', 'nsenter', 'ip');

/** Ids of this process's children, on whichever of its threads they were started. */
function childIds(): readonly string[] {
  return readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
}

/** Brings the first programs where they are to run, and fails from then on. */
function failAfter(calls: number, error: Error): PlaceProgram {
  let left = calls;
  return async (command) => {
    if (left === 0) throw error;
    left -= 1;
    return await Promise.resolve(command);
  };
}

const unready = new NetworkError('namespaceFailed', { step: 'enter', reason: 'it is gone' });

t.test('a namespace that cannot be finished is ended again', { skip }, async (t) => {
  const before = childIds();
  for (const calls of [0, 1, 2]) {
    const placeholders = new PlaceholderNetnses(failAfter(calls, unready));
    t.equal(await placeholders.make('eth0', '10.91.0.2/24'), undefined, `the runner fails at call ${calls + 1}`);
    t.same(childIds(), before, 'nothing runs on');
  }
  const bug = new Error('a bug');
  await t.rejects(new PlaceholderNetnses(failAfter(1, bug)).make('eth0', '10.91.0.2/24'), bug);
  t.same(childIds(), before);

  t.equal(await new PlaceholderNetnses(failAfter(9, bug)).make('eth0', 'nonsense'), undefined, 'a step fails');
  t.same(childIds(), before);
});

t.test('one that is finished ends when it is told to', { skip }, async (t) => {
  const before = childIds();
  const placeholder = await new PlaceholderNetnses(failAfter(9, unready)).make('eth0', '10.91.0.2/24');
  t.match(placeholder?.namespace.path, /^\/proc\/\d+\/ns\/net$/);
  t.equal(childIds().length, before.length + 1);
  await placeholder?.end();
  t.same(childIds(), before);
});
