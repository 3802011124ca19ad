import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { cidr } from '../support/addresses.js';
import { makeScratch } from '../support/scratch.js';
import { makeService, request } from '../support/service.js';

const lease = (subnet: string) => ({ type: 'host-local', subnet });
const list = (name: string, ...plugins: readonly object[]) => JSON.stringify({ cniVersion: '0.4.0', name, plugins });

t.test('no network gets a prefix of a foreign file, wherever the file names it', async (t) => {
  const folder = makeScratch(t);
  const at = (name: string) => path.join(folder, name);
  const bytes = Buffer.concat([Buffer.from(at('a')), Buffer.of(0xff), Buffer.from('.conflist')]);
  writeFileSync(bytes, list('bytes', { type: 'bridge', bridge: 'br1', ipam: lease('10.11.0.0/24') }));
  const inner = { type: 'bridge', bridge: 'br2', ipam: lease('10.12.0.0/24') };
  writeFileSync(at('00-multus.conf'), JSON.stringify({ name: 'multus', type: 'multus', delegates: [inner] }));
  writeFileSync(at('web.conflist'), list('web', { type: 'bridge', bridge: 'br3', ipam: lease('10.13.0.0/24') }));
  mkdirSync(at('web'));
  writeFileSync(at('web/10.conf'), JSON.stringify({ type: 'bridge', bridge: 'br4', ipam: lease('10.14.0.0/24') }));
  writeFileSync(at('bad.conflist'), list('bad', { type: 'ptp', ipam: lease('10.15.0.0/24') }));
  mkdirSync(at('bad'));
  writeFileSync(at('bad/10.conf'), '{}');
  writeFileSync(at('bad/20.conf'), JSON.stringify({ type: 'bridge', bridge: 'br6', ipam: lease('10.16.0.0/24') }));
  const { networks, close } = makeService(folder);
  t.teardown(close);
  const subnet = (text: string) => ({
    prefix: cidr(text),
    gateway: undefined,
    leaseStart: undefined,
    leaseEnd: undefined,
    reserved: new Map(),
  });
  for (const third of [11, 12, 13, 14, 15, 16]) {
    const asked = request('x', { subnets: [subnet(`10.${third}.0.0/24`)] });
    await t.rejects(networks.create(asked), { code: 'subnetUsedByNetwork', message: /is already used/ }, String(third));
  }
  for (const networkInterface of ['br1', 'br2', 'br3', 'br4', 'br6']) {
    await t.rejects(
      networks.create(request('x', { networkInterface })),
      { code: 'bridgeNameUsed', message: /already in use/ },
      networkInterface,
    );
  }
});
