import t from 'tap';
import { isHostFault, severityOf } from '../../../src/api/errors/severity.js';

t.test('no answer from 500 on is an info line, and only faults of this host are errors', async (t) => {
  for (const status of [200, 204, 301, 404, 499]) t.equal(severityOf(status, true), 'info', String(status));
  for (const status of [500, 507]) {
    t.equal(severityOf(status, true), 'error', String(status));
    t.equal(severityOf(status, false), 'warn', `${status} for a client's fault`);
  }
  t.equal(severityOf(503, true), 'warn', 'the trouble passes');
});

t.test('faults of the host are those of disk and plugins', async (t) => {
  t.same(
    (['invalid', 'notFound', 'busy', 'storage', 'plugin'] as const).filter((kind) => isHostFault(kind)),
    ['storage', 'plugin'],
  );
});
