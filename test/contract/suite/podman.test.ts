import t from 'tap';
import { ask } from '../../support/client.js';
import { makeNetns } from '../../support/netns.js';
import { servePodman } from '../../support/podman.js';
import { missing } from '../../support/tools.js';
import { askAll, type Peer } from './ask-all.js';
import { loadScenarios, type Case, type Expected, type Scenario } from './case.js';

/** The same requests to real Podman 4: the answers are the same, or the case has the reason. */

const skip = missing('podman', 'ip', 'nsenter');

for (const scenario of loadScenarios()) {
  t.test(`podman: ${scenario.name}`, { skip }, async (t) => {
    const podman = await servePodman(t, { netns: makeNetns(t) });
    await askAll(t, { folder: podman.folder, ask: podman.ask }, scenario, owedByPodman);
  });
}

t.test('Podman 4 refuses paths of libpod below 4, so the suite does not send them', { skip }, async (t) => {
  const podman = await servePodman(t, { netns: makeNetns(t) });
  const { status, text } = await podman.ask('GET', '/v3.2.0/libpod/networks/json');
  t.equal(status, 400);
  t.match(text, 'given version is not supported');
});

const socket = process.env['PODNETD_CONTRACT_SOCKET'];
if (socket !== undefined) {
  const peer: Peer = {
    folder: undefined,
    ask: async (method, url, body) => await ask(socket, method, url, body),
  };
  for (const scenario of loadScenarios()) {
    t.test(`${socket}: ${scenario.name}`, async (t) => {
      t.teardown(async () => await removeAll(peer, scenario));
      await askAll(t, peer, scenario, owedByPodman);
    });
  }
}

function owedByPodman({ dialect, podnetd, podman }: Case): Expected | undefined {
  if (dialect === 'libpod-v3') return undefined;
  if (podman === undefined) return podnetd;
  return 'skip' in podman ? undefined : podman;
}

/** Removes the networks of a scenario from a server that goes on. */
async function removeAll(peer: Peer, { cases }: Scenario): Promise<void> {
  for (const { method, body } of cases) {
    const name = method === 'POST' ? /"name":"(ct-[a-z0-9-]+)"/i.exec(body ?? '')?.[1] : undefined;
    if (name !== undefined) await peer.ask('DELETE', `/v4.0.0/libpod/networks/${name}`);
  }
}
