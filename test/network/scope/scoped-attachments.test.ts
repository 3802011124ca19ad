import t from 'tap';
import type { AttachmentView, FaultyRecord } from '../../../src/network/dependencies/attachments.js';
import { ScopedView } from '../../../src/network/scope/scoped-attachments.js';

const claim = (networkName: string) => ({ networkName, containerId: 'c1', ifName: 'eth0' });

const fault = (fileName: string, networkName: string | undefined): FaultyRecord => ({
  path: `/var/lib/cni/results/${fileName}`,
  reason: 'a reason',
  line: undefined,
  claim: networkName === undefined ? undefined : claim(networkName),
});

t.test('faults are of records that name a network which is seen, and no other one', (t) => {
  const own = fault('web-c1-eth0', 'web');
  const others = [
    fault('lab-c1-eth0', 'lab'),
    fault('web-lab-c1-eth0', undefined),
    // A copy of the record of web in the place of another's.
    fault('lab-c2-eth0', 'web'),
    fault('web-lab-c1-eth0', 'web'),
  ];
  const view = { faults: () => [own, ...others] } as unknown as AttachmentView;
  t.strictSame(new ScopedView(view, new Set(['web'])).faults([]), [own]);
  t.end();
});
