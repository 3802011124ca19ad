import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { makeNetns, removeNetns } from '../support/netns.js';
import { missing } from '../support/tools.js';

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', `${pluginDir}/bridge`);

t.test('connect and disconnect over every dialect', { skip }, async (t) => {
  const host = await makeHost(t);
  const daemon = await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] });
  const post = async (url: string, body?: unknown) => {
    const { status, text } = await daemon.ask('POST', url, body);
    return [status, text] as const;
  };
  const v3 = '/v3.4.0/libpod/networks/web';
  const v4 = '/v4.3.1/libpod/networks/web';
  const subnets = [{ subnet: '10.77.0.0/24' }];
  t.match(await post('/v4.3.1/libpod/networks/create', { name: 'web', subnets }), [200]);
  const [box, gone] = [makeNetns(t), makeNetns(t, false)];

  const wanted = { static_ips: ['10.77.0.9'], static_mac: '02:00:00:00:00:09', interface_name: 'lan3' };
  t.strictSame(await post(`${v4}/connect`, { container: box.name, ...wanted }), [200, 'OK\n']);
  const inside = await box.ip('address', 'show', 'dev', 'lan3');
  t.match(inside, '10.77.0.9/24');
  t.match(inside, '02:00:00:00:00:09');
  t.match(await post(`${v3}/connect`, { Container: box.name, Aliases: ['x'] }), [500, /network is already connected/]);
  t.match(await post(`${v4}/connect`, { container: box.name }), [409, /network is already connected/]);
  t.match(await post(`${v4}/connect`, {}), [400, /name or ID cannot be empty/]);
  t.match(await post(`${v4}/connect`, { container: 'nope' }), [404, /no container with name or ID \\"nope\\" found/]);
  t.match(await post(`${v3}/connect`, { Container: 'nope' }), [404, /no such container/]);
  t.match(await post('/v4.3.1/libpod/networks/nope/connect', { container: box.name }), [404, /network not found/]);
  t.match(await post(`${v4}/connect`, { container: gone.name, static_ips: ['10.77.0.1'] }), [400, /gateway/]);
  t.match(await post(`${v4}/connect`, { container: gone.name, static_ips: ['10.77.0.9'] }), [500, /bridge.*\(add\)/]);
  t.match((await daemon.ask('DELETE', v4)).text, /network is being used/);

  t.strictSame(await post(`${v3}/connect`, { Container: gone.path }), [200, 'OK\n']);
  t.strictSame(await post('/podnetd/v1/networks/web/gc'), [200, '[]\n']);
  removeNetns(gone);
  const [status, text] = await post('/podnetd/v1/networks/web/gc');
  t.equal(status, 200);
  t.match(JSON.parse(text), [{ name: gone.name, interface: 'eth0', netns: gone.path }]);
  t.strictSame(await post('/podnetd/v1/networks/web/gc'), [200, '[]\n']);

  const c = '/v1.44/networks/web';
  t.match(await post(`${c}/connect`, { Container: box.name }), [403, /network is already connected/]);
  t.strictSame(await post(`${v3}/disconnect`, { Container: box.name }), [200, 'OK\n']);
  const EndpointConfig = { IPAMConfig: { IPv4Address: '10.77.0.10' }, Links: null, Aliases: ['z'], MacAddress: '' };
  t.strictSame(await post(`${c}/connect`, { Container: box.name, EndpointConfig }), [200, 'OK\n']);
  t.match(await box.ip('address', 'show', 'dev', 'eth0'), '10.77.0.10/24');
  t.strictSame(await post(`${c}/disconnect`, { Container: box.name, Force: true }), [200, 'OK\n']);
  t.match(await post(`${c}/disconnect`, { Container: box.name, Force: true }), [400, /is not connected/]);
  t.match(await post(`${v4}/disconnect`, { Container: box.name }), [400, /is not connected to network web/]);
  t.equal((await daemon.ask('DELETE', v4)).status, 200);
});

t.test('a connect warns of options without effect', { skip }, async (t) => {
  const host = await makeHost(t);
  const daemon = await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] });
  const box = makeNetns(t);
  const create = { name: 'web', subnets: [{ subnet: '10.77.0.0/24' }] };
  t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/create', create)).status, 200);
  const EndpointConfig = {
    DriverOpts: { 'com.docker.network.endpoint.ifname': 'lan7', 'com.docker.network.endpoint.sysctls': 'a=1' },
    IPAMConfig: { LinkLocalIPs: ['169.254.1.1'] },
    Links: ['db:db'],
    GwPriority: 7,
  };
  const docker = await daemon.ask('POST', '/networks/web/connect', { Container: box.name, EndpointConfig });
  t.equal(docker.status, 200, docker.text);
  t.equal(
    docker.headers['warning'],
    [
      String.raw`299 podnetd "\"com.docker.network.endpoint.sysctls: a=1\" is not a recognized option"`,
      '299 podnetd "Links db:db have no effect: containers of a network reach each other by name and alias"',
      '299 podnetd "LinkLocalIPs 169.254.1.1 have no effect: the kernel gives link-local addresses"',
      '299 podnetd "GwPriority 7 has no effect: the first network of a container has its default route"',
    ].join(', '),
  );
  t.ok(
    daemon.log().some(({ msg }) => String(msg).startsWith('GwPriority 7')),
    'the log has the warnings, too',
  );
  t.match(await box.ip('address', 'show', 'dev', 'lan7'), '10.77.0.');
  const clash = { DriverOpts: { 'com.docker.network.endpoint.ifname': 'a/b' } };
  t.match(await daemon.ask('POST', '/networks/web/connect', { Container: box.name, EndpointConfig: clash }), {
    status: 400,
    text: /interface name/,
  });
  t.equal((await daemon.ask('POST', '/networks/web/disconnect', { Container: box.name })).status, 200);
  const libpod = await daemon.ask('POST', '/v5.4.2/libpod/networks/web/connect', {
    container: box.name,
    options: { metric: '5' },
  });
  t.match(libpod.headers['warning'], /metric: 5.* has no effect/);
  const plain = {
    Container: box.name,
    EndpointConfig: { Links: null, GwPriority: 0, DriverOpts: null, DNSNames: ['x'] },
  };
  t.equal((await daemon.ask('POST', '/v5.4.2/libpod/networks/web/disconnect', { Container: box.name })).status, 200);
  t.equal((await daemon.ask('POST', '/networks/web/connect', plain)).headers['warning'], undefined);
  t.equal((await daemon.ask('POST', '/networks/web/disconnect', { Container: box.name })).status, 200);
});
