import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { makeFaultyDisk } from '../support/faulty-disk.js';
import { injectFaults } from '../support/inject-faults.js';
import { missing } from '../support/tools.js';
import { checkCreates, writeNetwork } from './networks.js';
import { links, pidOf } from './changes.js';

const skip = missing('strace');

/** Ways in which a program without the lock writes a network of the same name with another bridge. */
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
    await checkCreates(t, daemon, 'first', 'opens the files that a first create needs');
    const file = path.join(daemon.folder, 'new.conflist');
    await injectFaults(pidOf(daemon), [{ calls: links, delayMs: 500 }], [], async () => {
      const creating = checkCreates(t, daemon, 'new', way);
      for (let tries = 0; !existsSync(file) && tries < 20_000; tries += 1) await sleep(1);
      write(daemon.folder);
      await creating;
    });
    const shown = await daemon.ask('GET', '/v4.3.1/libpod/networks/new/json');
    t.match(shown.json(), { network_interface: 'br-new' });
  });
}

/** Starts a daemon with a network whose file is replaced between the decision on its removal and the removal. */
async function startLate(t: Test) {
  const disk = makeFaultyDisk(t);
  const daemon = await startDaemon(t, { env: disk.env });
  await checkCreates(t, daemon, 'new', 'own');
  disk.set([{ call: 'rename', on: 'new.conflist', delayMs: 2_000 }]);
  const lateRemoval = async (removing: Promise<Answer>) => {
    await sleep(500);
    ways['put in its place']?.(daemon.folder);
    return await removing;
  };
  return { daemon, file: path.join(daemon.folder, 'new.conflist'), lateRemoval };
}

t.test('a file that is replaced after the decision on its removal stays', async (t) => {
  const { daemon, file, lateRemoval } = await startLate(t);
  const refusal = await lateRemoval(daemon.ask('DELETE', '/v4.3.1/libpod/networks/new'));
  t.match(refusal.json(), { message: /neither podnetd nor Podman wrote .*new\.conflist/ });
  t.match(readFileSync(file, 'utf8'), 'br-new');
  t.strictSame(
    readdirSync(daemon.folder).filter((name) => name.startsWith('.')),
    [],
  );
});

t.test('a prune leaves a replaced file, too', async (t) => {
  const { daemon, file, lateRemoval } = await startLate(t);
  const pruned = await lateRemoval(daemon.ask('POST', '/v4.3.1/libpod/networks/prune'));
  t.equal(pruned.status, 200, pruned.text);
  t.strictSame(pruned.json(), [], 'the prune does not report the new network');
  t.match(readFileSync(file, 'utf8'), 'br-new');
});
