import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { listForwards } from '../../src/host/slirp4netns/api.js';
import { Forwards } from '../../src/rootless/forwards.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const skip = missing('slirp4netns', 'unshare');

const keys = Array.from({ length: 6 }, (_, index) => ({
  networkName: 'web',
  containerId: `c${index}`,
  ifName: 'eth0',
  hostPort: 28_100 + index,
}));

/** Forwards through a real slirp4netns into a namespace of the test's own. */
async function makeForwards(t: Test) {
  const ownDir = makeScratch(t);
  const apiSocket = path.join(ownDir, 'slirp4netns.sock');
  const inside = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
  t.teardown(() => inside.kill());
  // Until then the program is in the namespace of the test.
  await sleep(200);
  const slirp = spawn('slirp4netns', ['--configure', `--api-socket=${apiSocket}`, String(inside.pid), 'tap0'], {
    stdio: 'ignore',
  });
  t.teardown(() => slirp.kill());
  for (let tries = 0; !existsSync(apiSocket); tries += 1) {
    if (tries === 100) throw new Error('slirp4netns made no socket');
    await sleep(50);
  }
  const layout = { ownDir, apiSocket, forwardsFile: path.join(ownDir, 'forwards.json') };
  return { apiSocket, layout, forwards: new Forwards(layout, '10.0.2.100') };
}

function promiseAll(forwards: Forwards): void {
  for (const { hostPort, ...key } of keys)
    forwards.promise(key, [{ hostPort, containerPort: 80, protocol: 'tcp', hostIp: undefined }]);
}

async function restore(forwards: Forwards, known: typeof keys) {
  return await forwards.restore(
    async () => await Promise.resolve({ known, pending: [] }),
    () => true,
  );
}

t.test('many attachments that end at once close each port once', { skip }, async (t) => {
  const { apiSocket, layout, forwards } = await makeForwards(t);
  // Of another podnetd of the same user.
  const other = new Forwards(layout, '10.0.2.100');
  promiseAll(forwards);
  const restored = await Promise.all(keys.map(async () => await restore(forwards, keys)));
  t.strictSame(restored.flat(), [], 'a port is opened once');
  t.equal((await listForwards(apiSocket)).length, keys.length);
  const ends = keys.map(async (_, index) => {
    return await restore(index % 2 === 0 ? forwards : other, keys.slice(index + 1));
  });
  t.strictSame((await Promise.all(ends)).flat(), []);
  t.strictSame(await listForwards(apiSocket), []);
});
