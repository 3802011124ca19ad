import t from 'tap';
import { startDaemon } from '../../support/daemon.js';
import { makeNetns } from '../../support/netns.js';
import { missing } from '../../support/tools.js';
import { askAll } from './ask-all.js';
import { loadScenarios } from './case.js';
import { checkDocumented, networkOperations } from './documents.js';

const skip = missing('ip', 'nsenter');
const operations = new Set<string>();

for (const scenario of loadScenarios()) {
  t.test(`podnetd: ${scenario.name}`, { skip }, async (t) => {
    const daemon = await startDaemon(t, { netns: makeNetns(t), podnetdToml: scenario.podnetdToml });
    await askAll(
      t,
      daemon,
      scenario,
      ({ podnetd }) => podnetd,
      ({ ask, method, url }, answer) => {
        const checked = checkDocumented(method, url, answer);
        if (checked === undefined) t.fail(`${ask}: no such operation in openapi/`);
        else {
          t.equal(checked.fault, undefined, `${ask}: ${answer.status} as documented`);
          operations.add(checked.operationId);
        }
      },
    );
    t.notOk(
      daemon.log().some((line) => line['outcome'] === 'internal'),
      'podnetd logged no bug',
    );
  });
}

t.test('every operation on networks is tested', { skip }, async (t) => {
  for (const dialect of ['compat', 'libpod-v3', 'libpod-v4', 'podnetd'] as const) {
    for (const operation of networkOperations(dialect)) t.ok(operations.has(operation), operation);
  }
});
