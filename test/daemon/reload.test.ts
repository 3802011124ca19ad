import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { reload } from '../support/reload.js';
import { makeScratch } from '../support/scratch.js';

const reserve = (subnet: string, reason: string) =>
  `[addresses]\nreserved = [{ subnet = "${subnet}", reason = "${reason}" }]\n`;

t.test(
  'a reload puts the settings of addresses in force, and leaves those in force when a file is wrong',
  async (t) => {
    const daemon = await startDaemon(t, { podnetdToml: reserve('10.89.0.0/16', 'office VPN') });
    const create = async (name: string, subnet?: string) =>
      await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name, ...(subnet && { subnets: [{ subnet }] }) });
    const problems = async () => (await daemon.ask('GET', '/podnetd/v1/problems')).json();
    const subnetOf = async (name: string) =>
      ((await create(name)).json() as { subnets: readonly { subnet: string }[] }).subnets[0]?.subnet;
    t.equal(await subnetOf('first'), '10.90.0.0/24', 'behind the reserved prefix');
    const refused = await create('taken', '10.89.7.0/24');
    t.equal(refused.status, 403);
    t.match(refused.json(), { message: /10\.89\.7\.0\/24.*10\.89\.0\.0\/16.*office VPN/ });

    t.match(await reload(daemon, reserve('10.90.0.0/15', 'lab')), {
      msg: 'settings read again',
      changed: ['reserved'],
    });
    t.equal(await subnetOf('second'), '10.89.0.0/24');
    t.strictSame(await problems(), []);

    const wrong = await reload(daemon, '[addresses]\nreserved = 1\n');
    const fault = 'addresses.reserved: 1 is not a list of tables';
    t.match(wrong, { level: 50, reason: `${daemon.settingsFile}:2: ${fault}` });
    t.strictSame(await problems(), [{ path: daemon.settingsFile, reason: fault, line: 2 }]);
    t.equal(await subnetOf('third'), '10.89.1.0/24', 'the settings before stay');
    t.equal((await create('lab', '10.91.0.0/24')).status, 403);

    // A FIFO without a writer keeps a program waiting that opens it.
    unlinkSync(daemon.settingsFile);
    execFileSync('mkfifo', [daemon.settingsFile]);
    daemon.process.kill('SIGHUP');
    t.teardown(() => daemon.process.kill('SIGKILL'));
    const isWanted = (found: unknown) => JSON.stringify(found).includes('not a regular file');
    const look = async () => await Promise.race([problems(), sleep(5_000, 'no answer', { ref: false })]);
    let shown = await look();
    for (let tries = 0; shown !== 'no answer' && !isWanted(shown) && tries < 500; tries += 1) shown = await look();
    t.match(shown, [{ path: daemon.settingsFile, reason: /^not a regular file/ }], 'podnetd waits for no FIFO');

    t.match(await reload(daemon, ''), { changed: ['reserved'] });
    t.strictSame(await problems(), []);
    t.equal((await create('lab', '10.91.0.0/24')).status, 200);
    t.equal(daemon.process.exitCode, null, 'SIGHUP does not end the daemon');
  },
);

t.test('a reload reads containers.conf too, and names what waits for a restart', async (t) => {
  const daemon = await startDaemon(t, { containersConf: '[network]\ndefault_network = "net"\n' });
  const conf = path.join(path.dirname(daemon.settingsFile), 'containers.conf');
  writeFileSync(
    conf,
    '[network]\ndefault_network = "other"\ndefault_subnet_pools = [{ base = "172.30.0.0/16", size = 24 }]\n',
  );
  t.match(await reload(daemon, ''), { changed: ['subnet-pools'], waitForRestart: ['default-network'] });
  const made = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web' });
  t.match(made.json(), { subnets: [{ subnet: '172.30.0.0/24' }] });
  await reload(daemon, '[addresses]\nsubnet_pools = [{ base = "fd12:3456:789a::/48", size = 64 }]\n');
  t.match((await daemon.ask('GET', '/info')).json(), {
    DefaultAddressPools: [
      { Base: 'fd12:3456:789a::/48', Size: 64 },
      { Base: '172.30.0.0/16', Size: 24 },
    ],
  });
  t.equal((await daemon.ask('GET', '/v5.4.2/libpod/networks/net/exists')).status, 204);
});

t.test('SIGHUP of a terminal that is gone ends the daemon', async (t) => {
  const scratch = makeScratch(t);
  const [socket, folder, log] = ['s', 'net.d', 'log'].map((name) => path.join(scratch, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(folder);
  const flags = ['--config', '/dev/null', '--listen', `unix://${socket}`, '--cni-config-dir', folder];
  // The end of the parent closes the terminal.
  const program = `
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT), 1)
    os.execv(sys.argv[3], sys.argv[3:])
for _ in range(1000):
    if os.path.exists(sys.argv[2]): break
    time.sleep(0.01)
time.sleep(0.2)
`;
  spawnSync('python3', ['-c', program, log, socket, process.execPath, daemonScript, ...flags], {
    env: { ...process.env, CONTAINERS_CONF: '/dev/null' },
  });
  for (let tries = 0; existsSync(socket) && tries < 1_000; tries += 1) await sleep(10);
  t.notOk(existsSync(socket), 'the socket is gone');
  t.match(readFileSync(log, 'utf8'), /"reason":"SIGHUP","msg":"stopping"/);
});
