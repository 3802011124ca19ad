import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeNetns, type Outcome } from '../support/netns.js';
import { makePodman, makeRemotePodman } from '../support/podman.js';
import { missing } from '../support/tools.js';
import { settle } from './dialects.js';

/** `podman --remote` on podnetd and a local Podman on the same folder have the same output and exit code for each command. */

const skip = missing('podman', 'ip', 'nsenter');

const creations: readonly (readonly string[])[] = [
  ['--subnet', '10.71.1.0/24', '--label', 'team=a', '--label', 'k', '--disable-dns', 'alpha'],
  ['--subnet', '10.71.2.0/24', '--internal', '--opt', 'mtu=1400', 'beta'],
  ['--driver', 'macvlan', '--label', 'team=b', 'lan'],
  ['--ipv6', '--subnet', 'fd00:71::/64', '--subnet', '10.71.3.0/24', '--opt', 'isolate=true', 'dual'],
];

const looks: readonly (readonly string[])[] = [
  ['ls'],
  ['ls', '--quiet'],
  ['ls', '--no-trunc'],
  ['ls', '--noheading'],
  ['ls', '--format', '{{.Name}} {{.Driver}}'],
  ['ls', '--format', '{{.ID}} {{.Labels}}', '--filter', 'name=lan'],
  ['ls', '--format', 'json', '--filter', 'name=^(alpha|beta|lan|dual)$'],
  ['ls', '--filter', 'name=a', '-q'],
  ['ls', '--filter', 'driver=macvlan', '-q'],
  ['ls', '--filter', 'label=team', '-q'],
  ['ls', '--filter', 'label=team=b', '--filter', 'driver=macvlan', '-q'],
  ['ls', '--filter', 'label!=team', '-q'],
  ['ls', '--filter', 'dangling=true', '-q'],
  ['ls', '--filter', 'until=1h', '-q'],
  ['ls', '--filter', 'nope=x'],
  ['ls', '--filter', 'until=x'],
  ['inspect', 'alpha'],
  ['inspect', 'beta', 'lan', 'dual'],
  ['inspect', '--format', '{{.Name}} {{.NetworkInterface}}', 'dual'],
  ['exists', 'alpha'],
  ['exists', 'gone'],
];

t.test('podman --remote and podman see the same', { skip }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await startDaemon(t, { netns });
  const remote = makeRemotePodman(t, daemon.socket);
  const local = makePodman(t, { folder: daemon.folder, netns });

  for (const args of creations) t.equal((await remote.run('network', 'create', ...args)).stdout, `${args.at(-1)}\n`);

  for (const args of looks) {
    const [ours, theirs] = [await remote.run('network', ...args), await local.run('network', ...args)];
    t.strictSame(settleOutcome(ours), settleOutcome(theirs), args.join(' '));
  }

  await t.test('remove', async (t) => {
    const run = async (...args: readonly string[]) => await remote.run('network', 'rm', ...args);
    t.strictSame(await run('alpha', 'beta'), { code: 0, stdout: 'alpha\nbeta\n', stderr: '' });
    t.equal((await local.run('network', 'exists', 'alpha')).code, 1, 'a local Podman does not find it, either');
    t.strictSame(await run('-f', 'lan'), { code: 0, stdout: 'lan\n', stderr: '' });
    for (const name of ['gone', 'podman']) {
      const [ours, theirs] = [await run(name), await local.run('network', 'rm', name)];
      t.strictSame(ours, theirs, `rm ${name}`);
    }
    t.equal((await run('gone')).code, 1, 'unknown is 1');
    t.match(await run('podman'), { code: 125, stderr: 'default network podman cannot be removed' });
    t.match(await run('gone', 'dual'), { code: 1, stdout: 'dual\n' }, 'the other network is removed all the same');
  });

  await t.test('prune', async (t) => {
    for (const [name, label] of [
      ['one', 'keep=yes'],
      ['two', 'keep=no'],
      ['three', 'keep=no'],
    ] as const) {
      await remote.must('network', 'create', '--label', label, name);
    }
    const run = async (...args: readonly string[]) => await remote.run('network', 'prune', '-f', ...args);
    t.strictSame(await run('--filter', 'until=1h'), { code: 0, stdout: '', stderr: '' });
    const some = await run('--filter', 'label=keep=no');
    t.strictSame(some.stdout.split('\n').toSorted(), ['', 'three', 'two']);
    t.strictSame(await run(), { code: 0, stdout: 'one\n', stderr: '' });
    t.strictSame(await run(), { code: 0, stdout: '', stderr: '' });
    t.strictSame(await run('--filter', 'name=x'), await local.run('network', 'prune', '-f', '--filter', 'name=x'));
    t.equal(await local.must('network', 'ls', '-q'), 'podman\n', 'the default network is left');
  });
});

/** The outcome without times: Podman shows when the file's inode changed, podnetd when its content changed. */
function settleOutcome({ code, stdout, stderr }: Outcome): Outcome {
  return { code, stdout: settle(stdout.replaceAll(/"created": "/g, '"created":"')), stderr };
}
