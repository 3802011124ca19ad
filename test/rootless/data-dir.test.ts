import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine } from '../support/user-machine.js';
import { isThere, listRuntimeFiles, startUserDaemon } from './user-daemon.js';
import { inContainer, startContainer, writeContainersConf } from './user-service.js';

const skip = missing(...'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables'.split(' '));

t.test('leases are in the folder of a foreign conflist, if the user may write there', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const daemon = await startUserDaemon(machine);
  const one = await startContainer(machine);
  const container = { Container: `/proc/${one}/ns/net` };
  const folder = path.join(machine.home, '.config', 'cni', 'net.d');
  mkdirSync(folder, { recursive: true });
  const own = path.join(machine.home, 'leases');
  const places = { home: own, inner: '/run/leases', roots: '/var/lib/roots' };
  for (const [index, [name, dataDir]] of Object.entries(places).entries()) {
    const subnet = `10.99.${index}.0/24`;
    const ipam = { type: 'host-local', dataDir, ranges: [[{ subnet }]] };
    const plugins = [{ type: 'bridge', bridge: `own${index}`, isGateway: true, ipam }];
    writeFileSync(path.join(folder, `${name}.conflist`), JSON.stringify({ cniVersion: '0.4.0', name, plugins }));
  }
  for (const made of [path.dirname(folder), folder]) chownSync(made, machine.uid, machine.uid);
  await machine.mustRoot('mkdir', ['-p', '/run/leases']);
  await machine.mustRoot('sh', [
    '-c',
    'mkdir -p /run/lib && mount --bind /run/lib /var/lib && mkdir -p /var/lib/cni /var/lib/roots',
  ]);
  const ask = async (action: string, network: string) =>
    await daemon.ask('POST', `/networks/${network}/${action}`, container);
  const leases = () => readdirSync(path.join(own, 'home')).filter((name) => /^\d/.test(name));

  t.equal((await ask('connect', 'home')).status, 200);
  t.same(leases(), ['10.99.0.2'], 'in the user’s home');
  t.equal((await ask('connect', 'inner')).status, 200);
  t.ok(
    isThere(machine, `${machine.runtimeDir}/rootless-cni/run/leases/inner/10.99.1.2`),
    '/run is the one of the namespace',
  );
  t.notOk(isThere(machine, '/run/leases/inner'), 'not the host’s');
  for (const [network, address] of Object.entries({ home: '10.99.0.2', inner: '10.99.1.2' })) {
    const shown = await daemon.ask('GET', `/podnetd/v1/networks/${network}/addresses`);
    t.match(shown.json(), { subnets: [{ leased: [{ address, state: 'living' }] }] }, `podnetd reads ${network}`);
  }
  const answer = await ask('connect', 'roots');
  t.equal(answer.status, 500);
  t.match(answer.text, /mkdir \/var\/lib\/roots\/roots: permission denied/, 'a user may not change a folder of root');
  t.match(await inContainer(machine, one, 'ip', ['-brief', 'link']), /eth1/);
  t.notMatch(await inContainer(machine, one, 'ip', ['-brief', 'link']), /eth2/, 'the failed connect left no link');

  for (const network of ['home', 'inner']) t.equal((await ask('disconnect', network)).status, 200);
  t.same(leases(), []);
  // The plugin can undo its work only once the user may write there.
  await machine.mustRoot('chown', [`${machine.uid}`, '/var/lib/roots']);
  t.equal((await daemon.ask('POST', '/podnetd/v1/networks/roots/gc')).status, 200);
  t.strictSame(await listRuntimeFiles(machine), ['rootless-cni/resolv.conf']);
});
