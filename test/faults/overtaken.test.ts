import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { injectFaults } from '../support/inject-faults.js';
import { missing } from '../support/tools.js';
import { checkCreates, writeNetwork } from './networks.js';
import { links, pidOf } from './changes.js';

const skip = missing('strace');

/** Ways in which somebody who takes no lock writes a network, of the same name and with another bridge. */
const ways: Readonly<Record<string, (folder: string) => void>> = {
  'put in its place': (folder) => {
    const aside = path.join(folder, 'aside');
    writeNetwork(folder, 'new', aside);
    renameSync(aside, path.join(folder, 'new.conflist'));
  },
  'written over it': (folder) => writeNetwork(folder, 'new'),
};

for (const [way, write] of Object.entries(ways)) {
  t.test(`a file that is ${way} in the moment of its creation is seen`, { skip }, async (t) => {
    const daemon = await startDaemon(t);
    await checkCreates(t, daemon, 'first', 'what the first create has to open is open');
    const file = path.join(daemon.folder, 'new.conflist');
    await injectFaults(pidOf(daemon), [{ calls: links, delayMs: 500 }], [], async () => {
      const creating = checkCreates(t, daemon, 'new', way);
      for (let tries = 0; !existsSync(file) && tries < 1_000; tries += 1) await sleep(1);
      write(daemon.folder);
      await creating;
    });
    const shown = await daemon.ask('GET', '/v4.3.1/libpod/networks/new/json');
    t.match(shown.json(), { network_interface: 'br-new' });
  });
}

t.test('a file that was replaced after its removal was decided on stays', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  await checkCreates(t, daemon, 'new', 'own');
  const file = path.join(daemon.folder, 'new.conflist');
  // The folder is made, or found there, between the decision and the removal.
  const refusal = await injectFaults(pidOf(daemon), [{ calls: '?mkdir,?mkdirat', delayMs: 500 }], [], async () => {
    const removing = daemon.ask('DELETE', '/v4.3.1/libpod/networks/new');
    await sleep(200);
    ways['put in its place']?.(daemon.folder);
    return await removing;
  });
  t.match(refusal.json(), { message: /neither podnetd nor Podman wrote .*new\.conflist/ });
  t.match(readFileSync(file, 'utf8'), 'br-new');
  t.strictSame(
    readdirSync(daemon.folder).filter((name) => name.startsWith('.')),
    [],
  );
});

t.test('a prune leaves it too', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  await checkCreates(t, daemon, 'new', 'own');
  const file = path.join(daemon.folder, 'new.conflist');
  const pruned = await injectFaults(pidOf(daemon), [{ calls: '?mkdir,?mkdirat', delayMs: 500 }], [], async () => {
    const pruning = daemon.ask('POST', '/v4.3.1/libpod/networks/prune');
    await sleep(200);
    ways['put in its place']?.(daemon.folder);
    return await pruning;
  });
  t.equal(pruned.status, 200, pruned.text);
  t.strictSame(pruned.json(), [], 'and says nothing of it, since it is not what it was asked to remove');
  t.match(readFileSync(file, 'utf8'), 'br-new');
});
