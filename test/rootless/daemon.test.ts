import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { isThere, listRuntimeFiles, startUserDaemon } from './user-daemon.js';
import {
  inContainer,
  lookUp,
  readGreeting,
  serveGreeting,
  startContainer,
  writeContainersConf,
} from './user-service.js';

const tools = 'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables nft dnsmasq /usr/lib/cni/dnsname';
const skip = missing(...tools.split(' '));

t.test('two namespaces of a user are connected over the socket, and the host stays unchanged', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine, 'network_cmd_options = ["allow_host_loopback=true", "outbound_addr=127.0.0.1"]');
  const daemon = await startUserDaemon(machine);
  const one = await startContainer(machine);
  const two = await startContainer(machine, one);
  const [first, second] = [one, two].map((pid) => `/proc/${pid}/ns/net`);
  await serveGreeting(machine, two, 80);
  await serveGreeting(machine, undefined, 18_081);
  const host = await readHost(machine);
  const before = { processes: [...machine.processes().keys()], mounts: machine.mounts() };
  const files = await listRuntimeFiles(machine);
  const must = async (url: string, body: unknown) => {
    const answer = await daemon.ask('POST', url, body);
    t.match(answer, { status: /^20[01]$/ }, `${url}: ${answer.text}`);
    return answer;
  };

  await must('/v1.41/networks/create', { Name: 'web' });
  const inspected = (await daemon.ask('GET', '/v4.3.1/libpod/networks/web/json')).json();
  t.match(inspected, { dns_enabled: true, subnets: [{ gateway: String }] });
  const { gateway } = (inspected as { subnets: [{ gateway: string }] }).subnets[0];
  t.strictSame([...machine.processes().keys()], before.processes, 'a network alone needs no namespace');

  await must('/v1.41/networks/web/connect', { Container: first, EndpointConfig: { Aliases: ['alpha'] } });
  await must('/v4.3.1/libpod/networks/web/connect', { container: second, aliases: ['beta', 'b2'] });
  const addresses = new Map<number, string>();
  for (const pid of [one, two]) {
    const text = await inContainer(machine, pid, 'ip', ['-4', 'address', 'show', 'eth0']);
    addresses.set(pid, /inet ([\d.]+)\//.exec(text)?.[1] ?? '');
  }
  const check = async (what: string) => {
    t.equal(await lookUp(machine, one, gateway, 'beta.dns.podman'), addresses.get(two), `${what}: an alias`);
    t.equal(await lookUp(machine, one, gateway, 'b2.dns.podman'), addresses.get(two), `${what}: another`);
    t.equal(await lookUp(machine, two, gateway, 'alpha.dns.podman'), addresses.get(one), `${what}: the other way`);
    t.match(await readGreeting(machine, one, addresses.get(two) ?? '', 80), /^hello 10\./, `${what}: each other`);
    t.equal(await readGreeting(machine, one, gateway, 1), 'ECONNREFUSED', `${what}: the gateway`);
    t.equal(await readGreeting(machine, one, '10.0.2.2', 18_081), 'hello 127.0.0.1', `${what}: the host`);
    t.same(await readHost(machine), host, `${what}: links, routes, rules and folders of the host are untouched`);
  };
  await check('at first');
  t.equal(count(machine, /dnsmasq/), 1);

  const keeper = find(machine, /^sleep infinity/) ?? 0;
  process.kill(keeper, 'SIGKILL');
  for (let tries = 0; machine.processes().has(keeper) && tries < 500; tries += 1) await sleep(10);
  await must('/v1.41/networks/create', { Name: 'extra' });
  await must('/v4.3.1/libpod/networks/extra/connect', { container: first });
  await check('after the namespace was lost');
  t.equal(count(machine, /dnsmasq/), 2, 'the one of the lost namespace is gone');
  await must('/v1.41/networks/extra/disconnect', { Container: first });
  t.equal(count(machine, /dnsmasq/), 1, 'dnsmasq ends with the last container of its network');

  await must('/v1.41/networks/web/disconnect', { Container: first });
  t.equal(await lookUp(machine, two, gateway, 'alpha.dns.podman'), 'ENOTFOUND', 'its alias is gone');
  t.equal(await lookUp(machine, two, gateway, 'beta.dns.podman'), addresses.get(two));
  await must('/v4.3.1/libpod/networks/web/disconnect', { Container: second });
  t.strictSame([...machine.processes().keys()], before.processes, 'no process is left');
  t.strictSame(machine.mounts(), before.mounts, 'no mount');
  t.strictSame(await listRuntimeFiles(machine), files.concat('rootless-cni/resolv.conf'), 'no file of a container');
  for (const pid of [one, two]) t.notMatch(await inContainer(machine, pid, 'ip', ['link']), /eth0/);
  t.notOk(isThere(machine, `${machine.runtimeDir}/rootless-cni/run`), 'nor the run folder of the namespace');
  t.same(await readHost(machine), host);
});

t.test('containers do not reach the host loopback unless it is allowed', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const daemon = await startUserDaemon(machine);
  const one = await startContainer(machine);
  await serveGreeting(machine, undefined, 18_081);
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'web' })).status, 201);
  const netns = `/proc/${one}/ns/net`;
  t.equal((await daemon.ask('POST', '/networks/web/connect', { Container: netns })).status, 200);
  t.match(await readGreeting(machine, one, '10.0.2.2', 18_081), /^(E[A-Z]+|timeout)$/);
  t.equal((await daemon.ask('POST', '/networks/web/disconnect', { Container: netns })).status, 200);
});

t.test('a prefix that only the namespace routes is not chosen for a network', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine, '', 'default_subnet_pools = [{ base = "10.0.0.0/16", size = 24 }]');
  const daemon = await startUserDaemon(machine);
  const create = async (name: string, body: object = {}) => {
    const answer = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name, ...body });
    return (answer.json() as { subnets?: [{ subnet: string }]; cause?: string }).subnets?.[0].subnet ?? answer.status;
  };
  t.equal(await create('a'), '10.0.0.0/24');
  t.equal(await create('b'), '10.0.1.0/24');
  t.equal(await create('c'), '10.0.3.0/24', 'the prefix of slirp4netns is left out before it runs');
  t.equal(await create('d', { subnets: [{ subnet: '10.0.2.0/25' }] }), 409, 'also when a client asks for it');

  const one = `/proc/${await startContainer(machine)}/ns/net`;
  t.equal((await daemon.ask('POST', '/networks/a/connect', { Container: one })).status, 200);
  const keeper = String(find(machine, /^sleep infinity/));
  const inside = ['--target', keeper, '--user', '--net', '--preserve-credentials', '--', 'ip'];
  await machine.must('nsenter', [...inside, 'link', 'add', 'own', 'type', 'bridge']);
  await machine.must('nsenter', [...inside, 'address', 'add', '10.0.4.1/24', 'dev', 'own']);
  await machine.must('nsenter', [...inside, 'link', 'set', 'own', 'up']);
  await machine.must('nsenter', [...inside, 'route', 'add', '10.0.6.0/24', 'via', '10.0.4.9']);
  t.equal(await create('e'), '10.0.5.0/24', 'nor the prefix of a link in the namespace');
  t.equal(await create('f'), '10.0.7.0/24', 'nor a prefix that the namespace has a route to');
  t.equal((await daemon.ask('POST', '/networks/a/disconnect', { Container: one })).status, 200);
  t.equal(await create('h'), '10.0.4.0/24', 'without the namespace they are free again');
});

interface HostTraces {
  readonly links: string;
  readonly routes: string;
  readonly rules: readonly string[];
  readonly cni: string;
  readonly forwarding: string;
}

/** State of the host that a network of root would change. */
async function readHost(machine: UserMachine): Promise<HostTraces> {
  const rules: string[] = [];
  for (const [file, ...args] of [['iptables-save'], ['ip6tables-save'], ['nft', 'list', 'ruleset']] as const) {
    rules.push((await machine.mustRoot(file, args)).replaceAll(/^#.*$/gm, '').trim());
  }
  return {
    links: await machine.mustRoot('ip', ['-brief', 'address']),
    routes: await machine.mustRoot('ip', ['route', 'show', 'table', 'all']),
    rules,
    cni: await machine.mustRoot('find', ['/var/lib/cni', '-mindepth', '1']),
    forwarding: await machine.mustRoot('cat', [
      '/proc/sys/net/ipv4/ip_forward',
      '/proc/sys/net/ipv6/conf/all/forwarding',
    ]),
  };
}

function find(machine: UserMachine, pattern: RegExp): number | undefined {
  return [...machine.processes()].find(([, command]) => pattern.test(command))?.[0];
}

function count(machine: UserMachine, pattern: RegExp): number {
  return [...machine.processes().values()].filter((command) => pattern.test(command)).length;
}
