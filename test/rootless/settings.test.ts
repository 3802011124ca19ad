import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { startUserDaemon } from './user-daemon.js';
import { writeContainersConf } from './user-service.js';

const skip = missing('slirp4netns', 'newuidmap', 'setpriv', 'nsenter', 'unshare', 'ip');

/** Writes a file of settings to where the user's podnetd looks for it. @returns its path */
function writeSettings(machine: UserMachine, name: string, text: string): string {
  const file = path.join(machine.home, '.config/podnetd', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chownSync(file, machine.uid, machine.uid);
  return file;
}

t.test("a user's podnetd reads the user's podnetd.toml and drop-ins, and reads them again", { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const file = writeSettings(
    machine,
    'podnetd.toml',
    '[addresses]\nreserved = [{ subnet = "10.89.0.0/16", reason = "campus" }]\n',
  );
  const dropIn = writeSettings(
    machine,
    'podnetd.toml.d/lab.toml',
    '[addresses]\nreserved = [{ subnet = "10.90.0.0/16", reason = "lab" }]\n',
  );
  const printed = await machine.must(machine.node, [`${machine.project}/dist/podnetd.cjs`, 'config']);
  t.match(printed, `# file ${file}:2: addresses.reserved; file ${dropIn}:2: addresses.reserved`);
  const daemon = await startUserDaemon(machine);
  const create = async (name: string, subnet?: string) =>
    await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name, ...(subnet && { subnets: [{ subnet }] }) });
  t.match((await create('a')).json(), { subnets: [{ subnet: '10.91.0.0/24' }] });
  t.match((await create('b', '10.90.7.0/24')).json(), { cause: /10\.90\.0\.0\/16, which is reserved: lab/ });

  const reports = () => daemon.log().split(/"msg":"(?:settings read again|the settings are wrong)/).length;
  const reload = async () => {
    const before = reports();
    daemon.process.kill('SIGHUP');
    for (let tries = 0; reports() === before && tries < 1_000; tries += 1) await sleep(10);
  };
  writeFileSync(dropIn, '[addresses]\nreserve = []\n');
  await reload();
  t.match((await daemon.ask('GET', '/podnetd/v1/problems')).json(), [{ path: dropIn, line: 2 }]);
  t.equal((await create('b', '10.90.7.0/24')).status, 403, 'the former settings stay');
  writeFileSync(dropIn, '');
  await reload();
  t.strictSame((await daemon.ask('GET', '/podnetd/v1/problems')).json(), []);
  t.equal((await create('b', '10.90.7.0/24')).status, 200);
  t.equal((await create('c', '10.89.7.0/24')).status, 403, 'the other file counts as before');
});
