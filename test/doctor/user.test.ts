import path from 'node:path';
import t from 'tap';
import { startContainer, writeContainersConf } from '../rootless/user-service.js';
import { startUserDaemon } from '../rootless/user-daemon.js';
import { missing } from '../support/tools.js';
import { makeUserMachine } from '../support/user-machine.js';
import { checkWords, codesOf, type Visit } from './clinic.js';

/** Faults of a user who is not root, found and repaired with that user's rights alone. */

const skip = missing('slirp4netns', 'newuidmap', 'setpriv', 'nsenter', 'unshare', 'mkfifo', 'ip', 'iptables-save');

t.test('a user finds and repairs what is wrong with the networks of the user', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const host = async () =>
    [await machine.mustRoot('ip', ['-brief', 'address']), await machine.mustRoot('iptables-nft-save', [])].join('\n');
  const ofHost = await host();
  const doctor = async (...args: readonly string[]): Promise<Visit> => {
    const command = [`${machine.project}/dist/podnetd.cjs`, 'doctor', '--json', ...args];
    const { code: status, stdout, stderr } = await machine.run(machine.node, command);
    if (stderr !== '') throw new Error(`podnetd doctor: ${status} ${stderr}`);
    return checkWords({ status, ...(JSON.parse(stdout) as Omit<Visit, 'status'>) });
  };
  t.match(await doctor(), { status: 0, findings: [], source: { reason: /^no podnetd listens on / } });

  await machine.mustRoot('mount', ['--bind', '/dev/null', '/etc/subuid']);
  t.match(await doctor(), {
    status: 1,
    findings: [
      {
        code: 'subuid-missing',
        severity: 'error',
        seen: /^\/etc\/subuid: it has no line for /,
        remedy: /^as root, run `usermod --add-subuids/,
      },
    ],
  });
  await machine.mustRoot('umount', ['/etc/subuid']);

  const daemon = await startUserDaemon(machine);
  const must = async (url: string, body: object) => {
    const answer = await daemon.ask('POST', url, body);
    if (answer.status >= 300) throw new Error(`${url}: ${answer.status} ${answer.text}`);
  };
  await must('/networks/create', { Name: 'web' });
  const box = `/proc/${await startContainer(machine)}/ns/net`;
  await must('/podnetd/v1/networks/web/connect', { container: box });
  t.match(await doctor(), {
    status: 0,
    findings: [],
    source: { daemon: daemon.socket.replace(/^\/proc\/\d+\/root/, '') },
  });

  const find = (pattern: RegExp) => [...machine.processes()].find(([, command]) => pattern.test(command))?.[0] ?? 0;
  const keeper = find(/^sleep infinity/);
  const inside = async (...command: readonly string[]) =>
    await machine.must('nsenter', [
      '--target',
      String(keeper),
      '--user',
      '--net',
      '--preserve-credentials',
      ...command,
    ]);
  const links = async () => await inside('ip', '-brief', 'link');
  const before = await links();
  await inside('ip', 'link', 'add', 'cni-podman42', 'type', 'bridge');
  await inside('ip', 'link', 'add', 'br-mine', 'type', 'bridge');
  const [lease] = (await machine.mustRoot('find', [machine.runtimeDir, machine.home, '-name', '10.89.0.2'])).split(
    '\n',
  );
  await machine.must('sh', ['-c', `printf 'gone\\r\\neth0' >${path.dirname(lease ?? '')}/10.89.0.77`]);
  const netavark = path.join(machine.home, '.local/share/containers/storage/networks');
  await machine.must('sh', ['-c', `mkdir -p ${netavark} && touch ${netavark}/other.json`]);
  const visit = await doctor('--dry-run');
  t.same(codesOf(visit), ['bridge-unused', 'lease-orphan', 'netavark-beside']);
  t.same((await doctor()).findings, visit.findings, 'the daemon finds the same');
  const fixed = await doctor('--fix');
  t.match(fixed, { status: 0, findings: [{ code: 'netavark-beside' }] });
  t.same(
    fixed.repairs?.map(({ code, outcome }) => `${code} ${outcome}`),
    ['bridge-unused done', 'lease-orphan done'],
  );
  await inside('ip', 'link', 'delete', 'br-mine');
  t.equal(await links(), before, 'the links of others stay');

  process.kill(find(/slirp4netns/), 'SIGKILL');
  t.same(codesOf(await doctor()), ['slirp-lost', 'netavark-beside']);
  process.kill(keeper, 'SIGKILL');
  t.match((await doctor('--only', 'namespace-lost', '--only', 'slirp-lost')).findings, [
    { code: 'namespace-lost', seen: /containers are on network web$/, fixable: false },
  ]);
  // The remedy.
  await must('/networks/create', { Name: 'more' });
  await must('/podnetd/v1/networks/more/connect', { container: box });
  t.same(codesOf(await doctor()), ['netavark-beside']);
  t.equal(await host(), ofHost, 'the host is as it was');
});
