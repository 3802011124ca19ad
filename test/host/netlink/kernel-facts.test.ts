import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { KernelFacts } from '../../../src/host/netlink/rtnetlink.js';
import { makeNetns, type Netns } from '../../support/netns.js';
import { missing } from '../../support/tools.js';

const skip = missing('ip', 'nsenter');

const built = path.resolve(import.meta.dirname, '../../../dist/host/netlink/rtnetlink.js');

/** Reads the facts once per line of its input; `isSame` reports whether all lists are the objects of the last reading. */
const program = `
import { createInterface } from 'node:readline';
import { RtNetlink } from ${JSON.stringify(built)};
const kernel = new RtNetlink();
let last;
for await (const line of createInterface({ input: process.stdin })) {
  const facts = await kernel.readFacts().catch((error) => void console.log(JSON.stringify({ failure: error.message })));
  if (facts === undefined) continue;
  const text = ({ address, prefixBits }) => [...address].join('.') + '/' + prefixBits;
  const { links, addresses, routes } = facts;
  const isSame = links === last?.links && facts.addresses === last.addresses && facts.routes === last.routes;
  console.log(JSON.stringify({ isSame, links, addresses: addresses.map(text), routes: routes.map(text) }));
  last = facts;
}
`;

interface Failure {
  readonly failure: string;
}

interface Reading {
  readonly isSame: boolean;
  readonly links: KernelFacts['links'];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
}

async function startReader(t: Test, netns: Netns): Promise<() => Promise<Reading>> {
  const read = await startAttempts(t, netns);
  return async () => {
    const outcome = await read();
    if ('failure' in outcome) throw new Error(outcome.failure);
    return outcome;
  };
}

async function startAttempts(t: Test, netns: Netns): Promise<() => Promise<Reading | Failure>> {
  const child = spawn(...netns.wrap(process.execPath, ['--input-type=module', '-e', program]), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.stdin.end();
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    child.stdin.write('read\n');
    const { value } = await lines.next();
    return JSON.parse(String(value)) as Reading | Failure;
  };
}

t.test('a reading has every change made before it', { skip }, async (t) => {
  const netns = makeNetns(t);
  const read = await startReader(t, netns);
  await read();
  const names = ({ links }: Reading) => links.map(({ name }) => name);

  await netns.ip('link', 'add', 'br7', 'type', 'bridge');
  t.match((await read()).links, [{ name: 'lo' }, { name: 'br7', kind: 'bridge' }], 'a link');
  await netns.ip('link', 'set', 'br7', 'name', 'br8');
  t.same(names(await read()), ['lo', 'br8'], 'its new name');
  await netns.ip('address', 'add', '10.50.1.1/24', 'dev', 'br8');
  t.ok((await read()).addresses.includes('10.50.1.1/24'), 'an address');
  // Without duplicate detection a worker of the kernel sends the notification a moment later.
  await netns.ip('address', 'add', 'fd00::1/64', 'dev', 'br8', 'nodad');
  const address6 = `253.${'0.'.repeat(14)}1/64`;
  for (let tries = 0; tries < 200 && !(await read()).addresses.includes(address6); tries += 1) await sleep(10);
  t.ok((await read()).addresses.includes(address6), 'an IPv6 address');
  await netns.ip('route', 'add', 'blackhole', '10.60.0.0/16', 'table', '77');
  t.ok((await read()).routes.includes('10.60.0.0/16'), 'a route of another table');
  await netns.ip('route', 'add', 'fd01::/64', 'dev', 'lo');
  t.ok((await read()).routes.includes(`253.1.${'0.'.repeat(13)}0/64`), 'an IPv6 route');
  await netns.ip('route', 'delete', 'blackhole', '10.60.0.0/16', 'table', '77');
  t.notOk((await read()).routes.includes('10.60.0.0/16'), 'a deleted route');
  await netns.ip('link', 'set', 'br8', 'up');
  t.ok((await read()).routes.includes('10.50.1.0/24'), 'a route that the kernel derives from an address');
  await netns.ip('link', 'set', 'br8', 'down');
  t.notOk((await read()).routes.includes('10.50.1.0/24'), 'and removes without a notification');
  await netns.ip('link', 'set', 'br8', 'up');
  await netns.ip('address', 'add', 'fd02::1/64', 'dev', 'br8', 'noprefixroute');
  t.ok(
    (await read()).addresses.includes(`253.2.${'0.'.repeat(13)}1/64`),
    'an address whose duplicate detection is under way',
  );
  await netns.ip('nexthop', 'add', 'id', '7', 'dev', 'br8');
  await netns.ip('route', 'add', '10.80.0.0/16', 'nhid', '7');
  t.ok((await read()).routes.includes('10.80.0.0/16'), 'a route through a next-hop object');
  await netns.ip('nexthop', 'delete', 'id', '7');
  t.notOk((await read()).routes.includes('10.80.0.0/16'), 'which goes with its next hop');
  await netns.ip('address', 'delete', '10.50.1.1/24', 'dev', 'br8');
  t.notOk((await read()).addresses.includes('10.50.1.1/24'), 'a deleted address');
  await netns.ip('link', 'delete', 'br8');
  t.same(names(await read()), ['lo'], 'a deleted link');
});

t.test('a point-to-point link has the prefix of its peer and an address of its own', { skip }, async (t) => {
  const netns = makeNetns(t);
  const read = await startReader(t, netns);
  await netns.ip('link', 'add', 'br7', 'type', 'bridge');
  await netns.ip('address', 'add', '10.50.0.1', 'peer', '10.60.0.1/24', 'dev', 'br7');
  await netns.ip('address', 'add', '10.70.0.1/24', 'dev', 'br7');
  await netns.ip('address', 'add', 'fd01::1', 'peer', 'fd02::1/64', 'dev', 'br7', 'nodad');
  const far6 = `253.2.${'0.'.repeat(13)}1/64`;
  for (let tries = 0; tries < 200 && !(await read()).addresses.includes(far6); tries += 1) await sleep(10);
  const { addresses } = await read();
  t.same(
    addresses.filter((address) => address.startsWith('10.')),
    ['10.60.0.1/24', '10.50.0.1/32', '10.70.0.1/24'],
  );
  for (const address of [far6, `253.1.${'0.'.repeat(13)}1/128`]) t.ok(addresses.includes(address), address);
});

/** Adds a route to 10.77.0.0/24. Arguments: a link and the number of next hops on it, which may be more than `ip` can send. */
const manyHops = `
import socket, struct, sys
def attribute(kind, value):
    length = 4 + len(value)
    return struct.pack('HH', length, kind) + value + bytes(-length % 4)
link = socket.if_nametoindex(sys.argv[1])
hops = b''.join(
    struct.pack('HBBi', 16, 0, 0, link) + attribute(5, struct.pack('!I', 0x0a32000a + hop)) for hop in range(int(sys.argv[2])))
body = struct.pack('BBBBBBBBI', 2, 24, 0, 0, 254, 3, 0, 1, 0)
body += attribute(1, socket.inet_aton('10.77.0.0')) + struct.pack('HH', 4 + len(hops), 9) + hops
kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
kernel.bind((0, 0))
kernel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
kernel.send(struct.pack('IHHII', 16 + len(body), 24, 0x605, 1, 0) + body)
sys.exit(-struct.unpack('i', kernel.recv(65536)[16:20])[0])
`;

t.test('a dump that the kernel ends early is an error', { skip: skip || missing('python3') }, async (t) => {
  const netns = makeNetns(t);
  const read = await startAttempts(t, netns);
  await netns.ip('link', 'add', 'br7', 'type', 'bridge');
  await netns.ip('link', 'set', 'br7', 'up');
  await netns.ip('address', 'add', '10.50.0.1/16', 'dev', 'br7');
  await netns.ip('route', 'add', 'blackhole', '10.80.0.0/24');
  const { code, stderr } = await netns.run('python3', ['-', 'br7', '2500'], { stdin: manyHops });
  t.equal(code, 0, stderr);
  t.match(await read(), { failure: /ended a table early: EMSGSIZE, .* next hops/ });
  await netns.ip('route', 'delete', '10.77.0.0/24');
  t.match(await read(), { routes: ['10.50.0.0/16', '10.80.0.0/24'] }, 'without the long route the dump is complete');

  await netns.ip('address', 'add', 'fd00::1/64', 'dev', 'br7', 'nodad');
  const hops = Array.from(
    { length: 2_500 },
    (_, hop) => `append fd99::/64 via fd00::${(hop + 16).toString(16)} dev br7`,
  );
  const batch = hops.map((hop) => `route ${hop}\n`).join('');
  const added = await netns.run('ip', ['-6', '-batch', '-'], { stdin: batch });
  t.equal(added.code, 0, added.stderr);
  t.match(await read(), { failure: /next hops/ }, 'the same with IPv6');
});

t.test('the lists are the same objects while no table changes', { skip }, async (t) => {
  const netns = makeNetns(t);
  const read = await startReader(t, netns);
  await read();
  t.ok((await read()).isSame);
  await netns.ip('link', 'add', 'br7', 'type', 'bridge');
  t.notOk((await read()).isSame);
  t.ok((await read()).isSame);
});

t.test('more routes than one message holds, and more notifications than the kernel queues', { skip }, async (t) => {
  const netns = makeNetns(t);
  const read = await startReader(t, netns);
  await read();
  const routes = Array.from({ length: 2_000 }, (_, index) => `10.${70 + (index >> 8)}.${index & 255}.0/24`);
  const batch = routes.map((route) => `route add blackhole ${route}\n`).join('');
  const { code, stderr } = await netns.run('ip', ['-batch', '-'], { stdin: batch });
  t.equal(code, 0, stderr);
  const seen = new Set((await read()).routes);
  t.same(
    routes.filter((route) => !seen.has(route)),
    [],
    'all routes are read',
  );
  await netns.ip('route', 'add', 'blackhole', '10.99.0.0/24');
  t.ok((await read()).routes.includes('10.99.0.0/24'), 'and so is one more');
});
