import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { KernelFacts } from '../../src/host/rtnetlink.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { missing } from '../support/tools.js';

const skip = missing('ip', 'nsenter');

const built = path.resolve(import.meta.dirname, '../../dist/host/rtnetlink.js');

/** Reads the facts once for each line of its input; `isSame` tells whether what was made of them before was kept. */
const program = `
import { createInterface } from 'node:readline';
import { RtNetlink } from ${JSON.stringify(built)};
const kernel = new RtNetlink();
let last;
for await (const line of createInterface({ input: process.stdin })) {
  const facts = await kernel.readFacts();
  const text = ({ address, prefixBits }) => [...address].join('.') + '/' + prefixBits;
  const { links, addresses, routes } = facts;
  const isSame = links === last?.links && facts.addresses === last.addresses && facts.routes === last.routes;
  console.log(JSON.stringify({ isSame, links, addresses: addresses.map(text), routes: routes.map(text) }));
  last = facts;
}
`;

interface Reading {
  readonly isSame: boolean;
  readonly links: KernelFacts['links'];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
}

async function startReader(t: Test, netns: Netns): Promise<() => Promise<Reading>> {
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
    return JSON.parse(String(value)) as Reading;
  };
}

t.test('what changed before a reading is in it, whatever it was', { skip }, async (t) => {
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
  // Without detection of duplicates the kernel tells of it from a worker of its own, a moment later.
  await netns.ip('address', 'add', 'fd00::1/64', 'dev', 'br8', 'nodad');
  const address6 = `253.${'0.'.repeat(14)}1/64`;
  for (let tries = 0; tries < 200 && !(await read()).addresses.includes(address6); tries += 1) await sleep(10);
  t.ok((await read()).addresses.includes(address6), 'an address of IPv6');
  await netns.ip('route', 'add', 'blackhole', '10.60.0.0/16', 'table', '77');
  t.ok((await read()).routes.includes('10.60.0.0/16'), 'a route of another table');
  await netns.ip('route', 'add', 'fd01::/64', 'dev', 'lo');
  t.ok((await read()).routes.includes(`253.1.${'0.'.repeat(13)}0/64`), 'a route of IPv6');
  await netns.ip('route', 'delete', 'blackhole', '10.60.0.0/16', 'table', '77');
  t.notOk((await read()).routes.includes('10.60.0.0/16'), 'a route that is gone');
  await netns.ip('link', 'set', 'br8', 'up');
  t.ok((await read()).routes.includes('10.50.1.0/24'), 'a route that the kernel makes of an address');
  await netns.ip('link', 'set', 'br8', 'down');
  t.notOk((await read()).routes.includes('10.50.1.0/24'), 'and takes back without a word');
  await netns.ip('link', 'set', 'br8', 'up');
  await netns.ip('address', 'add', 'fd02::1/64', 'dev', 'br8', 'noprefixroute');
  t.ok(
    (await read()).addresses.includes(`253.2.${'0.'.repeat(13)}1/64`),
    'an address that is not yet known to be alone',
  );
  await netns.ip('nexthop', 'add', 'id', '7', 'dev', 'br8');
  await netns.ip('route', 'add', '10.80.0.0/16', 'nhid', '7');
  t.ok((await read()).routes.includes('10.80.0.0/16'), 'a route by way of a next hop');
  await netns.ip('nexthop', 'delete', 'id', '7');
  t.notOk((await read()).routes.includes('10.80.0.0/16'), 'which goes with it');
  await netns.ip('address', 'delete', '10.50.1.1/24', 'dev', 'br8');
  t.notOk((await read()).addresses.includes('10.50.1.1/24'), 'an address that is gone');
  await netns.ip('link', 'delete', 'br8');
  t.same(names(await read()), ['lo'], 'a link that is gone');
});

t.test('what was made of the tables is kept while they do not change', { skip }, async (t) => {
  const netns = makeNetns(t);
  const read = await startReader(t, netns);
  await read();
  t.ok((await read()).isSame);
  await netns.ip('link', 'add', 'br7', 'type', 'bridge');
  t.notOk((await read()).isSame);
  t.ok((await read()).isSame);
});

t.test('more routes than one message holds, and more news than the kernel keeps', { skip }, async (t) => {
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
    'all are there',
  );
  await netns.ip('route', 'add', 'blackhole', '10.99.0.0/24');
  t.ok((await read()).routes.includes('10.99.0.0/24'), 'and so is one more');
});
