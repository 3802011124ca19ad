import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { bindDocker } from '../support/docker.js';
import { makeHost, type Host } from '../support/host.js';
import type { Netns } from '../support/netns.js';
import { servePodman, type PodmanServer } from '../support/podman.js';
import { containerTools, runContainer } from '../support/podman-container.js';
import { knock } from '../support/tcp.js';
import { missing } from '../support/tools.js';
import { checkNothingLeft } from '../support/traces.js';
import { idOf } from './dialects.js';

/** A container of a real Podman on networks of podnetd, seen and moved with the real Docker CLI. */

const pluginDir = '/usr/lib/cni';
const skip = missing(...containerTools, 'docker', 'iptables-save', 'ip6tables-save', `${pluginDir}/bridge`);

interface World {
  readonly host: Host;
  readonly daemon: TestDaemon;
  readonly podman: PodmanServer;
  /** Runs `docker network ARGS`, which must succeed. */
  docker(...args: readonly string[]): Promise<string>;
}

interface Endpoint {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

type Containers = Readonly<Record<string, Endpoint>>;

async function start(t: Test): Promise<World> {
  const host = await makeHost(t);
  const args = ['--cni-plugin-dir', pluginDir, '--cni-cache-dir', '/var/lib/cni'];
  const daemon = await startDaemon(t, { netns: host, args });
  const podman = await servePodman(t, { netns: host, folder: daemon.folder, pluginDir });
  const run = bindDocker(t, daemon.socket);
  const docker = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await run(...words);
    if (code !== 0) throw new Error(`docker network ${words.join(' ')}: ${stderr}`);
    return stdout;
  };
  return { host, daemon, podman, docker };
}

async function create(daemon: TestDaemon, name: string, more: object = {}): Promise<void> {
  const answer = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name, dns_enabled: false, ...more });
  if (answer.status !== 200) throw new Error(answer.text);
}

t.test('a container of an engine is seen, moved, and taken away without a trace', { skip }, async (t) => {
  const { host, daemon, podman, docker } = await start(t);
  await create(daemon, 'web', { ipv6_enabled: true });
  await create(daemon, 'back', { subnets: [{ subnet: '10.66.0.0/24' }] });
  const id = await runContainer(t, podman, 'front', 'web');
  const inside = await enter(host, podman, 'front');
  const containersOf = async (network: string): Promise<Containers> => {
    const [shown] = JSON.parse(await docker('inspect', network)) as readonly { readonly Containers: Containers }[];
    return shown?.Containers ?? {};
  };

  await t.test('docker network inspect shows it as Podman does', async (t) => {
    const containers = await containersOf('web');
    t.match(containers[id], {
      Name: 'front',
      EndpointID: /^[0-9a-f]{64}$/,
      MacAddress: /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/,
      IPv4Address: /^10\.\d+\.\d+\.\d+\/24$/,
      IPv6Address: /^fd[0-9a-f:]+\/64$/,
    });
    const own = (await inside.ip('address', 'show', 'dev', 'eth0')).replaceAll('\n', ' ');
    for (const member of ['MacAddress', 'IPv4Address', 'IPv6Address'] as const) {
      t.match(own, ` ${containers[id]?.[member]} `, `the container has the ${member}`);
    }
    const theirs = (await podman.ask('GET', '/v1.41/networks/web')).json() as { readonly Containers: Containers };
    const withoutEndpoint = { ...containers[id], EndpointID: '' };
    t.same(theirs.Containers, { [id]: withoutEndpoint }, 'Podman shows no id of an endpoint');
  });

  await t.test('lists show it to old clients, as Docker does', async (t) => {
    const listed = async (version: string) => {
      const answer = await daemon.ask('GET', `/v${version}/networks`);
      const networks = answer.json() as readonly { readonly Name: string; readonly Containers: Containers }[];
      return networks.find(({ Name }) => Name === 'web')?.Containers;
    };
    t.strictSame(await listed('1.27'), await containersOf('web'));
    t.strictSame(await listed('1.28'), {});
    t.match(await docker('ls', '--filter', 'dangling=true'), 'back');
    t.notMatch(await docker('ls', '--filter', 'dangling=true'), 'web');
  });

  await t.test('libpod 5 shows it', async (t) => {
    const answer = await daemon.ask('GET', '/v5.4.2/libpod/networks/web/json');
    const { containers } = answer.json() as { readonly containers: Record<string, object> };
    const shown = (await containersOf('web'))[id];
    t.match(containers, {
      [id]: {
        name: 'front',
        interfaces: {
          eth0: {
            mac_address: shown?.MacAddress ?? '',
            subnets: [
              { ipnet: shown?.IPv4Address ?? '', gateway: /^10\./ },
              { ipnet: shown?.IPv6Address ?? '', gateway: /^fd/ },
            ],
          },
        },
      },
    });
  });

  await t.test('its network stays, by each of its names', async (t) => {
    const run = bindDocker(t, daemon.socket);
    for (const name of ['web', idOf('web'), idOf('web').slice(0, 12)]) {
      const { code, stderr } = await run('rm', name);
      t.equal(code, 1);
      t.match(stderr, /"web" has associated containers with it.*front: network is being used/);
    }
    await create(daemon, 'idle');
    const pruned = await docker('prune', '--force');
    t.match(pruned, 'idle');
    t.notMatch(pruned, 'web');
    await create(daemon, 'back', { subnets: [{ subnet: '10.66.0.0/24' }] });
  });

  await t.test('docker network connect gives it a second interface', async (t) => {
    await docker('connect', '--ip', '10.66.0.9', '--alias', 'db', 'back', 'front');
    t.match(await inside.ip('address', 'show', 'dev', 'eth1'), 'inet 10.66.0.9/24 ');
    t.match((await containersOf('back'))[id], { Name: 'front', IPv4Address: '10.66.0.9/24', IPv6Address: '' });
    t.equal(await knock(inside, '10.66.0.1', 9), 'ECONNREFUSED', 'the gateway of the second network answers');
    const first = (await containersOf('web'))[id]?.IPv6Address ?? '';
    const gateway = first.replace(/[0-9a-f]+\/64$/, '1');
    t.equal(await knock(inside, gateway, 9), 'ECONNREFUSED', 'the gateway of the first network answers over IPv6');
    const run = bindDocker(t, daemon.socket);
    t.match(await run('connect', 'back', 'front'), {
      code: 1,
      stderr: /container front is already connected to network "back": network is already connected/,
    });
    await docker('disconnect', 'back', id.slice(0, 12));
    t.notMatch(await inside.ip('-brief', 'link'), 'eth1');
    t.strictSame(await containersOf('back'), {});

    const EndpointConfig = { MacAddress: '02:42:0a:42:00:0a', IPAMConfig: { IPv4Address: '10.66.0.10' } };
    const again = await daemon.ask('POST', '/v1.44/networks/back/connect', { Container: 'front', EndpointConfig });
    t.equal(again.status, 200, again.text);
    t.match(
      await inside.ip('address', 'show', 'dev', 'eth1'),
      /link\/ether 02:42:0a:42:00:0a .*inet 10\.66\.0\.10\/24 /s,
    );
  });

  await t.test('Podman goes on beside it', async (t) => {
    const [shown] = JSON.parse(await podman.must('network', 'inspect', 'back')) as readonly object[];
    t.match(shown, { name: 'back', subnets: [{ subnet: '10.66.0.0/24' }] });
    t.match(await podman.must('network', 'ls'), 'back');
    const [info] = JSON.parse(await podman.must('container', 'inspect', 'front')) as readonly {
      readonly NetworkSettings: { readonly Networks: object };
    }[];
    t.strictSame(Object.keys(info?.NetworkSettings.Networks ?? {}), ['web'], 'Podman shows only its own connection');
    // Podman looks only at its own containers, so it removes the file though podnetd's attachment uses the network.
    await podman.must('network', 'rm', 'back');
    t.equal((await daemon.ask('GET', '/networks/back')).status, 404);
    await docker('disconnect', 'back', 'front');
    t.notMatch(await inside.ip('-brief', 'link'), 'eth1');
    t.match(await inside.ip('-brief', 'link'), 'eth0');
  });

  await podman.must('rm', '--force', '--time', '0', 'front');
  t.notOk(existsSync(inside.path), 'no namespace');
  await checkNothingLeft(t, host, '/var/lib/cni', ['web', 'back']);
  await docker('rm', 'web');
});

t.test('a collection frees the connections of podnetd that a dead container leaves', { skip }, async (t) => {
  const { host, daemon, podman, docker } = await start(t);
  await create(daemon, 'web');
  await create(daemon, 'back');
  await runContainer(t, podman, 'front', 'web');
  await docker('connect', 'back', 'front');
  // Podman takes down its own connection and the namespace.
  await podman.must('rm', '--force', '--time', '0', 'front');
  const collected = await daemon.ask('POST', '/podnetd/v1/networks/back/gc');
  t.match(collected.json(), [{ name: 'front', interface: 'eth1' }]);
  t.notMatch(collected.text, 'error');
  await checkNothingLeft(t, host, '/var/lib/cni', ['web', 'back']);
  await docker('rm', 'back', 'web');
});

/** The network namespace of a container; only programs that see the host's mounts can enter it. */
async function enter(host: Host, podman: PodmanServer, name: string): Promise<Pick<Netns, 'run' | 'ip' | 'path'>> {
  const path = (await podman.must('container', 'inspect', '--format', '{{.NetworkSettings.SandboxKey}}', name)).trim();
  const run: Netns['run'] = async (file, args, options) =>
    await host.run('nsenter', [`--net=${path}`, '--', file, ...args], options);
  return {
    path,
    run,
    ip: async (...args) => {
      const { code, stdout, stderr } = await run('ip', args);
      if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
  };
}
