import t from 'tap';
import { linkNames, readRoutes4, readRoutes6 } from '../../../src/host/namespaces/namespace-view.js';
import {
  endProcess,
  findMarked,
  identifyProcess,
  isLive,
  nameOfProcess,
} from '../../../src/host/programs/process-identity.js';
import { startHolder, startSleeper } from '../../../src/host/programs/background.js';
import { endianness } from 'node:os';

t.test('links and routes', async (t) => {
  t.ok(linkNames(process.pid).includes('lo'));
  t.same(linkNames(0), []);
  const text = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'tap0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'tap0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'cni-podman1\t0000590A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    '',
  ].join('\n');
  t.same(
    readRoutes4(text).map(({ address, prefixBits }) => `${[...address].join('.')}/${prefixBits}`),
    ['0.0.0.0/0', '10.0.2.0/24', '10.89.0.0/16'],
    { skip: endianness() !== 'LE' && 'the text is of a little-endian machine' },
  );
  const zero = '0'.repeat(32);
  const line = (destination: string, bits: string, device: string) =>
    `${destination} ${bits} ${zero} 00 ${zero} 00000100 00000001 00000000 00000001 ${device}`.padEnd(149);
  const text6 = [
    line(`fd000000000000000000000000000000`, '40', 'cni-podman1'),
    line(`fe800000000000000000000000000000`, '40', 'tap0'),
    line(`ff000000000000000000000000000000`, '08', 'tap0'),
    line(`00000000000000000000000000000001`, '80', 'lo'),
    '',
  ].join('\n');
  t.same(
    readRoutes6(text6).map(({ address, prefixBits }) => `${Buffer.from(address).toString('hex')}/${prefixBits}`),
    ['fd000000000000000000000000000000/64'],
  );
});

t.test('processes', async (t) => {
  const own = identifyProcess(process.pid);
  t.ok(own !== undefined && isLive(own));
  t.notOk(isLive({ pid: process.pid, startTicks: '1' }), 'a number that the kernel gave to another process');
  t.equal(identifyProcess(2 ** 30), undefined);

  const holder = await startHolder(['env']);
  t.equal(nameOfProcess(holder.process.pid), 'cat');
  await holder.end();
  t.notOk(isLive(holder.process));

  const value = `${process.pid}`;
  const sleeper = await startSleeper(['env'], { env: { PODNETD_TEST_MARK: value } });
  t.same(findMarked('PODNETD_TEST_MARK', value, process.geteuid?.() ?? 0), [sleeper]);
  t.same(findMarked('PODNETD_TEST_MARK', 'other', process.geteuid?.() ?? 0), []);
  await endProcess(sleeper, 1000);
  t.notOk(isLive(sleeper));

  await t.rejects(startHolder(['/nonexistent/program']), { name: 'StartError', code: 'ENOENT' });
  await t.rejects(startHolder(['sh', '-c', 'echo no way >&2; exit 3']), { name: 'StartError', reason: 'no way' });
  await t.rejects(startHolder(['sh', '-c', 'exit 3']), { name: 'StartError', reason: 'it ended with exit status 3' });
});
