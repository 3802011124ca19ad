import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { injectFaults } from '../support/inject-faults.js';
import { missing } from '../support/tools.js';
import { pidOf } from './changes.js';
import { checkCreates } from './networks.js';

t.test('reads are answered while the kernel does not', { skip: missing('strace') }, async (t) => {
  const daemon = await startDaemon(t);
  const answered: string[] = [];
  // As while the kernel holds the lock of all links, for seconds when it tears down a namespace with a thousand bridges.
  await injectFaults(pidOf(daemon), [{ calls: 'sendto', delayMs: 500 }], [], async () => {
    const creating = checkCreates(t, daemon, 'new', 'it waits').then(() => answered.push('create'));
    for (const url of ['/_ping', '/networks', '/v4.3.1/libpod/networks/podman/json']) {
      t.equal((await daemon.ask('GET', url)).status, 200, url);
      answered.push(url);
    }
    await creating;
  });
  t.equal(answered.at(-1), 'create', 'reads do not wait for the kernel');
});
