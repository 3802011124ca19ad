import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { makeRemotePodman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Networks with a container that a runtime attached and entered in its result cache. */

const skip = missing('podman', 'ip', 'nsenter');
const containerId = 'c0ffee0000000000000000000000000000000000000000000000000000000001';

t.test('a network that is in use is not removed', { skip }, async (t) => {
  const daemon = await startInUse(t);
  const podman = makeRemotePodman(t, daemon.socket);
  const text = (remedy: string) =>
    `"web" has associated containers with it. ${remedy}: ${containerId}: network is being used`;
  const plain = text('Disconnect or remove them first');
  const forced = text('podnetd runs no containers and cannot force them off');

  const refusals: readonly (readonly [url: string, status: number, message: string])[] = [
    ['/v4.3.1/libpod/networks/web', 409, plain],
    ['/v5.4.2/libpod/networks/web?force=true&timeout=3', 409, forced],
    ['/v3.2.0/libpod/networks/web?force=false', 500, plain],
    ['/v3.2.0/libpod/networks/web?force=true', 500, forced],
  ];
  for (const [url, status, message] of refusals) {
    for (const target of [url, `${url}${url.includes('?') ? '&' : '?'}dryRun=true`]) {
      const answer = await daemon.ask('DELETE', target);
      t.equal(answer.status, status, target);
      t.strictSame(answer.json(), { cause: 'network is being used', message, response: status });
    }
  }
  t.strictSame(await podman.run('network', 'rm', 'web'), { code: 2, stdout: '', stderr: `Error: ${plain}\n` });
  t.strictSame((await daemon.ask('POST', '/v4.3.1/libpod/networks/prune')).json(), [], 'pruning leaves it');
  t.strictSame((await daemon.ask('POST', '/v4.3.1/libpod/networks/prune?dryRun=true')).json(), [], 'as foreseen');
  const list = (value: boolean) =>
    `/v4.3.1/libpod/networks/json?filters=${encodeURIComponent(JSON.stringify({ dangling: [String(value)] }))}`;
  t.match((await daemon.ask('GET', list(false))).json(), [{ name: 'web' }, { name: 'podman' }]);
  t.strictSame((await daemon.ask('GET', list(true))).json(), []);
});

t.test('inspect of libpod 5 shows the containers of a network, libpod 4 and lists do not', { skip }, async (t) => {
  const daemon = await startInUse(t);
  const { containers } = (await daemon.ask('GET', '/v5.4.2/libpod/networks/web/json')).json() as { containers: object };
  t.strictSame(containers, {
    [containerId]: {
      name: '',
      interfaces: {
        eth0: {
          subnets: [{ ipnet: '10.222.0.2/24', gateway: '10.222.0.1' }],
          mac_address: '6a:5e:09:0b:5c:e4',
        },
      },
    },
  });
  t.notMatch((await daemon.ask('GET', '/v4.3.1/libpod/networks/web/json')).text, 'containers');
  t.notMatch((await daemon.ask('GET', '/v5.4.2/libpod/networks/json')).text, 'containers');
});

/** A daemon with the network `web`, and a container on it. */
async function startInUse(t: Test): Promise<TestDaemon> {
  const netns = makeNetns(t);
  const cache = makeScratch(t);
  writeResult(cache, makeNetns(t));
  const daemon = await startDaemon(t, { netns, args: ['--cni-cache-dir', cache] });
  const body = { name: 'web', subnets: [{ subnet: '10.222.0.0/24' }] };
  t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body)).status, 200);
  return daemon;
}

/** source: containernetworking/cni libcni/api.go@v1.1.2 cachedInfo */
function writeResult(cache: string, netns: Netns): void {
  const results = path.join(cache, 'results');
  mkdirSync(results, { recursive: true });
  const entry = {
    kind: 'cniCacheV1',
    containerId,
    config: '',
    ifName: 'eth0',
    networkName: 'web',
    result: {
      cniVersion: '0.4.0',
      interfaces: [{ name: 'eth0', mac: '6a:5e:09:0b:5c:e4', sandbox: netns.path }],
      ips: [{ version: '4', interface: 0, address: '10.222.0.2/24', gateway: '10.222.0.1' }],
      dns: {},
    },
  };
  writeFileSync(path.join(results, `web-${containerId}-eth0`), JSON.stringify(entry));
}
