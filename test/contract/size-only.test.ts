import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { bindDocker } from '../support/docker.js';
import { makeNetns } from '../support/netns.js';
import { makeRemotePodman } from '../support/podman.js';
import { missing } from '../support/tools.js';

/** A subnet of a size comes from the pools, and a reserved prefix can be allowed, in every dialect and by real clients. */

const containersConf = `
[[network.default_subnet_pools]]
base = "10.50.0.0/22"
size = 24
`;

const mask = (...bytes: readonly number[]) => Buffer.from(bytes).toString('base64');

const creates = {
  compat: (name: string, more: object = {}) => ({
    url: '/v1.44/networks/create',
    body: { Name: name, IPAM: { Config: [{ Subnet: '0.0.0.0/26', ...more }] } },
    status: 400,
  }),
  'libpod-v3': (name: string, more: object = {}) => ({
    url: `/v3.2.0/libpod/networks/create?name=${name}`,
    body: { Subnet: { IP: '0.0.0.0', Mask: mask(255, 255, 255, 192) }, ...more },
    status: 500,
  }),
  'libpod-v4': (name: string, more: object = {}) => ({
    url: '/v5.4.2/libpod/networks/create',
    body: { name, subnets: [{ subnet: '0.0.0.0/26', ...more }] },
    status: 400,
  }),
};

/** The configuration files of a folder. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.conflist'));
}

/** The prefixes of a network by its file. */
function subnetsOf(folder: string, name: string): readonly string[] {
  const text = readFileSync(path.join(folder, `${name}.conflist`), 'utf8');
  return [...text.matchAll(/"subnet": "([^"]+)"/g)].map(([, subnet]) => subnet ?? '');
}

t.test('a size is cut from the pools in each dialect', async (t) => {
  const daemon = await startDaemon(t, { containersConf });
  for (const [index, [dialect, create]] of Object.entries(creates).entries()) {
    const { url, body } = create(dialect);
    const made = await daemon.ask('POST', url, body);
    t.ok(made.status === 200 || made.status === 201, dialect);
    t.same(subnetsOf(daemon.folder, dialect), [`10.50.0.${index * 64}/26`], dialect);
  }
  const shown = (await daemon.ask('GET', '/v1.44/networks/compat')).json();
  t.match(shown, { IPAM: { Config: [{ Subnet: '10.50.0.0/26', Gateway: '10.50.0.1' }] } }, 'as Docker from 29 on');
  const again = await daemon.ask('POST', `${creates['libpod-v4']('x').url}?ignoreIfExists=true`, {
    ...creates['libpod-v4']('libpod-v4').body,
  });
  t.equal(again.status, 200);
  t.equal(again.headers['warning'], undefined, 'the network has a subnet of the size');
});

t.test(
  'a size with an address, a size beyond the pools, and one more than there are leave the folder as it was',
  async (t) => {
    const daemon = await startDaemon(t, { containersConf });
    const before = filesOf(daemon.folder);
    const given = [
      creates.compat('x', { Gateway: '10.50.0.1' }),
      creates['libpod-v3']('x', { Gateway: '10.50.0.1' }),
      creates['libpod-v4']('x', { gateway: '10.50.0.1' }),
    ];
    for (const { url, body, status } of given) {
      const refused = await daemon.ask('POST', url, body);
      t.equal(refused.status, status, url);
      t.match(refused.json(), {
        message:
          'subnet 0.0.0.0/26 asks for any free prefix of its size, so gateway 10.50.0.1 cannot be known to lie in it: leave 10.50.0.1 out, or name the prefix',
      });
    }
    const { url } = creates['libpod-v4']('x');
    const beyond = await daemon.ask('POST', url, { name: 'x', subnets: [{ subnet: '0.0.0.0/21' }] });
    t.equal(beyond.status, 400);
    t.match(beyond.json(), {
      message: /larger than any subnet pool: the largest, 10\.50\.0\.0\/22, has prefixes of 22 bits/,
    });
    const subnets = ['0.0.0.0/23', '0.0.0.0/23', '0.0.0.0/30'].map((subnet) => ({ subnet }));
    const tooMany = await daemon.ask('POST', url, { name: 'x', subnets });
    t.equal(tooMany.status, 409);
    t.match(tooMany.json(), { message: /10\.50\.0\.0\/22 \(256 of size \/30\); .* taken by this request \(256\)/ });
    t.same(filesOf(daemon.folder), before);
  },
);

t.test('podnetd.allow_reserved is an option of every dialect, kept and shown', async (t) => {
  const daemon = await startDaemon(t, { containersConf });
  const option = { 'podnetd.allow_reserved': 'true' };
  await daemon.ask('POST', '/v1.44/networks/create', { Name: 'c', Options: option });
  await daemon.ask('POST', '/v3.2.0/libpod/networks/create?name=l3', { Options: option });
  await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'l4', options: option });
  t.match((await daemon.ask('GET', '/v1.44/networks/c')).json(), { Options: option });
  for (const name of ['l3', 'l4', 'c']) {
    t.match((await daemon.ask('GET', `/v5.4.2/libpod/networks/${name}/json`)).json(), { options: option }, name);
  }
  const conflist = await daemon.ask('GET', '/v3.2.0/libpod/networks/l3/json');
  t.match(conflist.json(), { args: { podman_options: option } });
});

t.test('Docker and Podman ask for sizes', { skip: missing('docker', 'podman', 'ip', 'nsenter') }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await startDaemon(t, { netns, containersConf });
  const docker = bindDocker(t, daemon.socket);
  const podman = makeRemotePodman(t, daemon.socket);
  t.match(await docker('create', '--subnet', '0.0.0.0/26', '--opt', 'podnetd.allow_reserved=true', 'd'), { code: 0 });
  t.match(await docker('inspect', '--format', '{{range .IPAM.Config}}{{.Subnet}}{{end}}', 'd'), {
    stdout: '10.50.0.0/26\n',
  });
  t.match(await podman.run('network', 'create', '--subnet', '0.0.0.0/27', '--subnet', '::/72', 'p'), { stdout: 'p\n' });
  t.match(subnetsOf(daemon.folder, 'p'), ['10.50.0.64/27', /^fd[0-9a-f:]+\/72$/]);
});
