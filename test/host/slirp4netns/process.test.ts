import { createServer } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { addForward, listForwards, removeForward } from '../../../src/host/slirp4netns/api.js';
import { buildSlirpArgs, defaultSlirpOptions, readSlirpFeatures } from '../../../src/host/slirp4netns/process.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const target = { netns: '/run/ns', apiSocket: '/run/api' };
const always = [
  '--configure',
  '--ready-fd=3',
  '--exit-fd=4',
  '--api-socket=/run/api',
  '--netns-type=path',
  '/run/ns',
  'tap0',
];
const newest = new Set(
  [
    'disable-host-loopback',
    'mtu',
    'enable-sandbox',
    'enable-seccomp',
    'enable-ipv6',
    'cidr',
    'outbound-addr',
    'outbound-addr6',
  ].map((name) => `--${name}`),
);

t.test('arguments', async (t) => {
  t.same(buildSlirpArgs(newest, defaultSlirpOptions, target), [
    ...'--disable-host-loopback --mtu=65520 --enable-sandbox --enable-seccomp --enable-ipv6'.split(' '),
    ...always,
  ]);
  t.same(
    buildSlirpArgs(new Set(), defaultSlirpOptions, target),
    always,
    'an old program gets no option that it does not have',
  );
  t.same(
    buildSlirpArgs(
      newest,
      {
        cidr: '10.9.0.0/24',
        mtu: 1500,
        enableIpv6: true,
        outboundAddr: 'eth0',
        outboundAddr6: '2001:db8::1',
        allowHostLoopback: true,
      },
      target,
    ),
    [
      ...'--mtu=1500 --enable-sandbox --enable-seccomp --cidr=10.9.0.0/24 --enable-ipv6'.split(' '),
      ...'--outbound-addr=eth0 --outbound-addr6=2001:db8::1'.split(' '),
      ...always,
    ],
  );
  t.notOk(
    (buildSlirpArgs(newest, { ...defaultSlirpOptions, enableIpv6: false }, target) as string[]).includes(
      '--enable-ipv6',
    ),
  );
  for (const [options, unsupported] of [
    [{ cidr: '10.9.0.0/24' }, '--cidr'],
    [{ enableIpv6: true }, '--enable-ipv6'],
    [{ outboundAddr6: 'eth0' }, '--outbound-addr6'],
  ] as const) {
    t.same(buildSlirpArgs(new Set(['--mtu']), { ...defaultSlirpOptions, ...options }, target), { unsupported });
  }
});

t.test('features of the real program', { skip: missing('slirp4netns') }, async (t) => {
  const features = await readSlirpFeatures('slirp4netns');
  for (const feature of newest) t.ok(features.has(feature), feature);
  await t.rejects(readSlirpFeatures('/nonexistent/slirp4netns'), { code: 'ENOENT' });
});

/** A server that answers each connection with the next text when its request has ended. @returns its socket, and the requests so far */
async function serve(t: Test, ...answers: readonly string[]): Promise<{ socket: string; requests: unknown[] }> {
  const socket = path.join(makeScratch(t), 'api.sock');
  const requests: unknown[] = [];
  const left = [...answers];
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    let request = '';
    connection.on('data', (chunk) => (request += chunk.toString()));
    connection.on('end', () => {
      requests.push(JSON.parse(request));
      connection.end(left.shift() ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.teardown(() => server.close());
  return { socket, requests };
}

t.test('the API socket', async (t) => {
  const forward = {
    protocol: 'tcp',
    hostAddress: '0.0.0.0',
    hostPort: 8080,
    guestAddress: '10.0.2.100',
    guestPort: 80,
  } as const;
  const wire = { proto: 'tcp', host_addr: '0.0.0.0', host_port: 8080, guest_addr: '10.0.2.100', guest_port: 80 };
  const { socket, requests } = await serve(
    t,
    '{"return":{"id":3}}',
    JSON.stringify({ entries: [{ id: 3, ...wire }] }),
    '{"return":{}}',
    '{"error":{"desc":"bad request: add_hostfwd: slirp_add_hostfwd failed"}}',
    'oops',
    '',
  );
  await addForward(socket, forward);
  t.same(await listForwards(socket), [{ id: 3, ...forward }]);
  await removeForward(socket, 3);
  t.same(requests, [
    { execute: 'add_hostfwd', arguments: wire },
    { execute: 'list_hostfwd' },
    { execute: 'remove_hostfwd', arguments: { id: 3 } },
  ]);
  await t.rejects(addForward(socket, forward), {
    name: 'SlirpApiError',
    message: 'add_hostfwd: slirp_add_hostfwd failed',
  });
  await t.rejects(listForwards(socket), { name: 'SlirpApiError', message: 'the answer is not JSON: oops' });
  await t.rejects(listForwards(socket), { name: 'SlirpApiError', message: 'the answer is not JSON: ' });
  await t.rejects(listForwards(`${socket}.gone`), { name: 'SlirpApiError', message: /ENOENT/ });
});
