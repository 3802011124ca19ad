import { rmSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { makeNetns } from '../support/netns.js';
import { missing } from '../support/tools.js';

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', `${pluginDir}/bridge`);

t.test('connect, list and disconnect by podnetd alone', { skip }, async (t) => {
  const host = await makeHost(t);
  const daemon = await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] });
  const own = async (method: string, rest: string, body?: unknown) => {
    const { status, text } = await daemon.ask(method, `/podnetd/v1/${rest}`, body);
    return [status, text === '' ? '' : (JSON.parse(text) as unknown)] as const;
  };
  for (const [name, subnet] of [
    ['web', '10.77.0.0/24'],
    ['back', '10.78.0.0/24'],
  ]) {
    const made = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name, subnets: [{ subnet }] });
    t.equal(made.status, 200, made.text);
  }
  t.strictSame(await own('GET', 'attachments'), [200, []]);
  const box = makeNetns(t);
  const port_mappings = [
    { host_port: 18_080, container_port: 80, range: 2 },
    { host_ip: '127.0.0.1', host_port: 18_090, container_port: 53, protocol: 'udp' },
  ];
  const body = { container: box.name, static_ips: ['10.77.0.9'], aliases: ['www'], port_mappings };
  const [status, web] = await own('POST', 'networks/web/connect', body);
  t.equal(status, 200);
  t.match(web, {
    network: 'web',
    container: /^[0-9a-f]{64}$/,
    name: box.name,
    interface: 'eth0',
    netns: box.path,
    subnets: [{ ipnet: '10.77.0.9/24', gateway: '10.77.0.1' }],
    aliases: ['www'],
  });
  t.strictSame((web as { port_mappings: unknown }).port_mappings, [
    { host_port: 18_080, container_port: 80, protocol: 'tcp' },
    { host_port: 18_081, container_port: 81, protocol: 'tcp' },
    { host_ip: '127.0.0.1', host_port: 18_090, container_port: 53, protocol: 'udp' },
  ]);
  const [, back] = await own('POST', 'networks/back/connect', { container: box.name });
  t.match(back, { network: 'back', interface: 'eth1', aliases: [], port_mappings: [] });

  t.strictSame(
    await own('GET', 'networks/web/attachments'),
    [200, [web]],
    'the list agrees with the answer to the connect',
  );
  t.strictSame(await own('GET', 'attachments'), [200, [back, web]]);
  t.match(await own('GET', 'networks/nope/attachments'), [404, { cause: 'network not found' }]);

  t.strictSame(await own('POST', 'networks/web/disconnect', { container: box.name }), [204, '']);
  t.match(await own('POST', 'networks/web/disconnect', { container: box.name }), [
    400,
    { message: `container ${box.name} is not connected to network web` },
  ]);
  t.match(await own('POST', 'networks/web/disconnect', {}), [400, { message: 'name or ID cannot be empty' }]);
  rmSync(path.join(daemon.folder, 'back.conflist'));
  t.strictSame(await own('GET', 'attachments'), [200, [back]], 'the list has attachments of a network without a file');
  t.strictSame(await own('POST', 'networks/back/disconnect', { container: box.path, force: true }), [204, '']);
  t.strictSame(await own('GET', 'attachments'), [200, []]);
});

t.test("an unknown member of podnetd's own bodies is refused by its name", async (t) => {
  const daemon = await startDaemon(t);
  const rows: readonly (readonly [rest: string, body: object, message: RegExp])[] = [
    [
      'connect',
      { container: 'c', port_mapping: [] },
      /^unknown member "port_mapping": known are container, static_ips,/,
    ],
    ['connect', { container: 'c', Options: null }, /^unknown member "Options"/],
    ['connect', { port_mappings: [{ hostPort: 1 }] }, /^unknown member "hostPort": known are host_ip, container_port,/],
    ['connect', { __proto__x: 1 }, /^unknown member "__proto__x"/],
    ['disconnect', { container: 'c', Forced: true }, /^unknown member "Forced": known are container, force$/],
  ];
  for (const [rest, body, message] of rows) {
    const answer = await daemon.ask('POST', `/podnetd/v1/networks/podman/${rest}`, body);
    t.match([answer.status, answer.json()], [400, { message, response: 400 }], JSON.stringify(body));
  }
  const folded = await daemon.ask('POST', '/podnetd/v1/networks/podman/connect', {
    Container: 'nope',
    Port_Mappings: [],
  });
  t.equal(folded.status, 404, 'keys match in any case, as everywhere');
});
