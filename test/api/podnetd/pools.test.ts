import t from 'tap';
import { writePoolReport, type PoolReportBody } from '../../../src/api/podnetd/pools.js';
import { measurePools } from '../../../src/network/addresses/capacity.js';
import { listTaken } from '../../../src/network/addresses/taken-blocks.js';
import { cidr } from '../../support/addresses.js';
import { makeSettings } from '../../support/settings.js';
import { takePrefixes } from '../../support/taken.js';

t.test('a full pool has no free prefix, and an unlisted pool no holders', async (t) => {
  const subnetPools = [{ base: cidr('10.1.0.0/25'), prefixBits: 26 }];
  const taken = takePrefixes({ networks: { a: ['10.1.0.0/26'], b: ['10.1.0.64/26'] } });
  const settings = makeSettings({ subnetPools, reserved: [{ prefix: cidr('10.8.0.0/16'), reason: 'office' }] });
  const [full] = measurePools(taken, settings);
  if (full === undefined) throw new Error('no pool');
  const report = async (most?: number): Promise<PoolReportBody> =>
    writePoolReport({
      pools: [{ ...full, taken: most === undefined ? undefined : await listTaken(full.pool, most, taken, settings) }],
      reserved: settings.reserved,
    });
  const pool = {
    base: '10.1.0.0/25',
    size: 26,
    family: 4,
    blocks: { total: 2, used: 2, reserved: 0, blocked: 0, free: 0 },
  };
  t.strictSame(await report(), { pools: [pool], reserved: [{ subnet: '10.8.0.0/16', reason: 'office' }] });
  const first = {
    kind: 'network',
    prefix: '10.1.0.0/26',
    name: 'a',
    file: '/net.d/a.conflist',
    first: '10.1.0.0/26',
    last: '10.1.0.0/26',
    blocks: 1,
  };
  t.strictSame((await report(1)).pools, [{ ...pool, taken: [first], unlisted: 1 }]);
});
