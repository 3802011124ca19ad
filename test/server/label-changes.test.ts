import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Role } from '../../src/model/role.js';
import { formatCidr } from '../../src/ip/cidr.js';
import { networkId } from '../../src/model/names.js';
import type { Network } from '../../src/model/network.js';
import { cidr } from '../support/addresses.js';
import { serveWithin, type BoundedApp } from '../support/bounded-app.js';
import { ask } from '../support/client.js';
import { listDeclaredRoutes, type DeclaredRoute } from '../support/declared-routes.js';
import { rounds } from '../support/rounds.js';
import { request } from '../support/service.js';

/** A socket with a label changes the networks that have it, and says nothing of the others, also where they are in the way. */

/** Answers of the others are about versions, the machine or the moment. */
const routes = (await listDeclaredRoutes()).filter(
  ({ url }) => !/_ping|version|info|ready|system\/df|events|health/.test(url),
);

interface Unseen {
  readonly name: string;
  readonly team: string | undefined;
  /** Outside of the pools, so that the same subnets are free beside it. */
  readonly subnet: string;
  readonly bridge: string;
}

const unseenNames = ['ya', 'yb', '4', 'lab'];

const unseenNetworks = fc.uniqueArray(
  fc
    .record({
      name: fc.constantFrom(...unseenNames),
      team: fc.constantFrom('y', 'X', 'x ', '', undefined),
    })
    .map(({ name, team }): Unseen => {
      const number = unseenNames.indexOf(name);
      return { name, team, subnet: `192.168.${number * 16}.0/20`, bridge: `br-unseen${number}` };
    }),
  { selector: ({ name }) => name, minLength: 1 },
);

async function makeUnseen({ services }: BoundedApp, unseen: readonly Unseen[]): Promise<readonly Network[]> {
  const made: Network[] = [];
  for (const { name, team, subnet, bridge } of unseen) {
    const { network } = await services.changes.create(
      request(name, {
        networkInterface: bridge,
        labels: new Map([['owner', `owner-of-${name}`], ...(team === undefined ? [] : [['team', team] as const])]),
        subnets: [
          { prefix: cidr(subnet), gateway: undefined, leaseStart: undefined, leaseEnd: undefined, reserved: new Map() },
        ],
      }),
    );
    made.push(network);
  }
  return made;
}

async function makeSeen({ services }: BoundedApp): Promise<void> {
  for (const name of ['web', 'shop'])
    await services.changes.create(request(name, { labels: new Map([['team', 'x']]) }));
}

const labels = fc.constantFrom<Readonly<Record<string, string>> | undefined>(
  undefined,
  {},
  { team: 'x' },
  { team: 'y' },
  { team: '' },
  { Team: 'y', tier: '1' },
);

const subnets = fc.constantFrom(
  undefined,
  '10.50.1.0/24',
  '10.50.0.0/16',
  '10.89.0.0/25',
  '172.20.0.0/30',
  '10.9.9.9/33',
);

interface Create {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly subnet?: string | undefined;
  readonly bridge?: string | undefined;
  readonly isLenient?: boolean;
}

const creates: fc.Arbitrary<Create> = fc.record({
  name: fc.constantFrom('web', 'new', 'newer', ''),
  labels,
  subnet: subnets,
  bridge: fc.constantFrom(undefined, 'br-new', 'podman1', 'cni-podman1'),
  isLenient: fc.boolean(),
});

/** The body of a create in the members of every dialect; Podman 3 has the name in the query. */
function bodyOf(
  { name, labels, subnet, bridge, isLenient = false }: Create,
  dialect: DeclaredRoute['dialect'],
): object {
  const [ip, bits = ''] = subnet?.split('/') ?? [];
  const mask = Buffer.alloc(4);
  if (subnet !== undefined) mask.writeUInt32BE((0xffff_ffff << (32 - Number(bits))) >>> 0);
  return {
    Name: name,
    name,
    ...(labels && { Labels: labels, labels }),
    ...(subnet !== undefined && {
      subnets: [{ subnet }],
      IPAM: { Config: [{ Subnet: subnet }] },
      Subnet: { IP: ip, Mask: mask.toString('base64') },
    }),
    ...(bridge !== undefined && {
      network_interface: bridge,
      ...(dialect === 'compat' && { Options: { 'com.docker.network.bridge.name': bridge } }),
    }),
    ...(isLenient && { ignore_if_exists: true }),
  };
}

const patches = fc.oneof(
  fc.record({ labels: fc.constantFrom({ team: null }, { team: 'y' }, { team: 'x' }, { tier: '1' }, {}) }),
  fc.record({ subnets: subnets.map((subnet) => (subnet === undefined ? [] : [{ subnet }])) }),
  fc.constant({ network_dns_servers: ['10.1.1.1'] }),
);

interface Asked {
  readonly route: DeclaredRoute;
  readonly role: Role;
  /** In the place of a network's name. */
  readonly target: string;
  readonly isDryRun: boolean;
  readonly create: Create;
  readonly patch: object;
  readonly ifMatch: string | undefined;
}

const targets = ['web', 'shop', 'new', 'podman', 'bridge', 'none', ...unseenNames].flatMap((name) => [
  name,
  networkId(name),
  ...[1, 3].map((length) => networkId(name).slice(0, length)),
]);

const changing = routes.filter(({ role, url }) => role !== 'read' && url.includes('network'));

const asked: fc.Arbitrary<Asked> = fc.record({
  // A draw from all of them is seldom a change.
  route: fc.oneof(fc.constantFrom(...routes), fc.constantFrom(...changing), fc.constantFrom(...changing)),
  role: fc.constantFrom<Role>('read', 'operate', 'admin', 'admin', 'admin'),
  target: fc.oneof(fc.constantFrom('web', 'shop', 'new'), fc.constantFrom(...targets)),
  isDryRun: fc.boolean(),
  create: creates,
  patch: patches,
  ifMatch: fc.constantFrom(undefined, undefined, undefined, '"00"'),
});

async function send(
  app: BoundedApp,
  { route, role, target, isDryRun, create, patch, ifMatch }: Asked,
): Promise<string> {
  const { method, url, dialect } = route;
  const query = [
    ...(dialect === 'libpod-v3' && url.endsWith('/create') ? [`name=${create.name}`] : []),
    ...(isDryRun && /create|prune/.test(url) ? ['dryRun=true'] : []),
  ];
  const place = `${url.replace('/web', `/${target}`)}?${query.join('&')}`;
  const body = ['GET', 'HEAD', 'DELETE'].includes(method)
    ? undefined
    : method === 'PATCH'
      ? patch
      : /connect/.test(url)
        ? { Container: target, container: target }
        : bodyOf(create, dialect);
  const answer = await ask(app.labelSocketOf[role], method, place, body, {
    ...(ifMatch !== undefined && { 'if-match': ifMatch }),
  });
  return `${method} ${place} ${answer.status} ${answer.headers.etag ?? ''} ${answer.text}`;
}

/** Without what differs by the moment and by the folder of the test. */
function withoutChance(app: BoundedApp, text: string): string {
  return text
    .replaceAll(path.dirname(app.folder), 'FOLDER')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, 'TIME')
    .replaceAll(/"(time|timeNano)":\d+/g, '"$1":0')
    .replaceAll(/\b[0-9a-f]{80}\b/g, 'ETAG')
    .replaceAll(/for request [0-9a-f-]+/g, 'for request ID');
}

async function lookAround(app: BoundedApp): Promise<readonly string[]> {
  const until = (Date.now() / 1_000 + 0.001).toFixed(3);
  const looks = ['/networks', '/v5.4.2/libpod/networks/json', '/podnetd/v1/attachments', '/podnetd/v1/problems'];
  const streams = ['', '/v5.4.2/libpod', '/podnetd/v1'].map((dialect) => `${dialect}/events?since=1&until=${until}`);
  const answers: string[] = [];
  for (const url of [...looks, ...streams]) {
    const { status, text } = await ask(app.labelSocketOf.read, 'GET', url);
    answers.push(withoutChance(app, `${url.split('?', 1)[0]} ${status} ${text}`));
  }
  return answers;
}

function readFiles({ folder }: BoundedApp, names: readonly string[]): readonly string[] {
  return names.map((name) => readFileSync(path.join(folder, `${name}.conflist`), 'utf8'));
}

t.test(
  'answers and events are the same beside unseen networks that take nothing, which stay as they are',
  async (t) => {
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(unseenNetworks, fc.array(asked, { minLength: 20, maxLength: 40 }), async (unseen, requests) => {
        await t.test('a pair of hosts', async (t) => {
          const [alone, beside] = [await serveWithin(t, {}), await serveWithin(t, {})];
          await makeUnseen(beside, unseen);
          await makeSeen(alone);
          await makeSeen(beside);
          const names = unseen.map(({ name }) => name);
          const before = readFiles(beside, names);
          for (const one of requests) {
            const answer = withoutChance(alone, await send(alone, one));
            t.equal(
              withoutChance(beside, await send(beside, one)),
              answer,
              `${one.role}: ${JSON.stringify(one.create)}`,
            );
            if (/ 20[014] /.test(answer) && one.route.role !== 'read') changes += 1;
          }
          t.strictSame(await lookAround(beside), await lookAround(alone));
          t.strictSame(readFiles(beside, names), before);
          const others = readdirSync(beside.folder).filter(
            (file) => !names.some((name) => file === `${name}.conflist`),
          );
          t.strictSame(others.toSorted(), readdirSync(alone.folder).toSorted());
          for (const file of others.filter((one) => one.endsWith('.conflist')))
            t.match(readFileSync(path.join(beside.folder, file), 'utf8'), '"team": "x"', 'each network has the label');
        });
      }),
      { numRuns: rounds(6, 300) },
    );
    t.ok(changes > 5, `${changes} changes were made`);
  },
);

/** Texts by which an unseen network could be known. */
function tracesOf({ name, id, networkInterface, subnets, labels }: Network): readonly string[] {
  const prefixes = subnets.map(({ cidr }) => formatCidr(cidr).replace(/\/.*/, ''));
  return [name, id, networkInterface, ...prefixes, ...labels.values(), `${name}.conflist`].filter(
    (text) => text.length > 1,
  );
}

t.test('what an unseen network takes is refused without a word of it', async (t) => {
  const app = await serveWithin(t, {});
  await makeSeen(app);
  const made = await makeUnseen(app, [
    { name: 'lab-of-y', team: 'y', subnet: '192.168.32.0/20', bridge: 'br-unseen1' },
    { name: 'lab-of-none', team: undefined, subnet: '192.168.64.0/20', bridge: 'br-unseen2' },
  ]);
  const before = readFiles(app, ['lab-of-y', 'lab-of-none']);
  const collisions = made.flatMap(({ name, networkInterface, subnets }): readonly Create[] => [
    { name },
    { name, isLenient: true },
    { name, labels: { team: 'x' } },
    { name: 'new', bridge: networkInterface },
    ...subnets.flatMap(({ cidr: { base } }) => {
      const third = Number((base >> 8n) & 0xffn);
      return [`192.168.${third + 1}.0/24`, `192.168.${third}.0/19`, '192.168.0.0/16'].map((subnet) => ({
        name: 'new',
        subnet,
      }));
    }),
  ]);
  const creates = routes.filter(({ method, url }) => method === 'POST' && /networks\/create/.test(url));
  t.equal(creates.length, 3, 'of each dialect that creates');
  for (const { url, dialect } of creates) {
    for (const collision of collisions) {
      // Podman 3 chooses the bridge itself.
      if (dialect === 'libpod-v3' && collision.bridge !== undefined) continue;
      for (const isDryRun of [false, true]) {
        const query = `?name=${collision.name}&dryRun=${isDryRun}`;
        const body = bodyOf(collision, dialect);
        const { status, text } = await ask(app.labelSocketOf.admin, 'POST', `${url}${query}`, body);
        const place = `${dialect}${query} ${JSON.stringify(collision)}: ${text}`;
        t.equal(status, dialect === 'libpod-v3' ? 500 : 409, place);
        t.match(text, /not available on this host|already in use/, place);
        const own = JSON.stringify(body);
        const traces = made.flatMap(tracesOf).filter((trace) => !own.includes(trace));
        t.notOk(
          traces.some((trace) => text.includes(trace)),
          place,
        );
      }
    }
  }
  const patch = { subnets: [{ subnet: '192.168.33.0/24' }] };
  const { status, text } = await ask(app.labelSocketOf.admin, 'PATCH', '/podnetd/v1/networks/web', patch);
  t.equal(status, 409);
  t.match(text, /subnet 192\.168\.33\.0\/24 is not available on this host/);
  t.strictSame(readFiles(app, ['lab-of-y', 'lab-of-none']), before);
});

t.test('a file in the way is refused as a name is, in a dry run too', async (t) => {
  const app = await serveWithin(t, {});
  const unseen = { cniVersion: '0.4.0', name: 'lab', plugins: [{ type: 'bridge', bridge: 'br-lab' }] };
  writeFileSync(path.join(app.folder, 'otherwise.conflist'), JSON.stringify(unseen));
  writeFileSync(path.join(app.folder, 'broken.conflist'), '{');
  symlinkSync('nowhere', path.join(app.folder, 'astray.conflist'));
  for (const name of ['otherwise', 'broken', 'astray']) {
    for (const url of ['/networks/create', '/v3.0.0/libpod/networks/create', '/v5.4.2/libpod/networks/create']) {
      for (const query of ['', '&dryRun=true']) {
        const body = { Name: name, name, ignore_if_exists: true };
        const { text } = await ask(app.labelSocketOf.admin, 'POST', `${url}?name=${name}${query}`, body);
        t.match(JSON.parse(text), { message: `network name ${name} is not available on this host` }, url + query);
      }
    }
  }
});

t.test('a label that contradicts is refused, in the envelope of the dialect', async (t) => {
  const app = await serveWithin(t, {});
  await makeSeen(app);
  const message = 'label team=y cannot be given: networks of this socket have the label team=x';
  const other = { labels: { team: 'y' }, Labels: { team: 'y' } };
  for (const url of ['/networks/create', '/v3.0.0/libpod/networks/create', '/v5.4.2/libpod/networks/create']) {
    for (const name of ['new', 'web']) {
      const body = { Name: name, name, ignore_if_exists: true, ...other };
      for (const query of ['', '&dryRun=true']) {
        const { status, text } = await ask(app.labelSocketOf.admin, 'POST', `${url}?name=${name}${query}`, body);
        t.match({ status, ...(JSON.parse(text) as object) }, { status: 403, message }, `${url} ${name}${query}`);
      }
    }
  }
  const patch = async (labels: object) => {
    return (await ask(app.labelSocketOf.admin, 'PATCH', '/podnetd/v1/networks/web', { labels })).json();
  };
  t.match(await patch({ team: 'y' }), {
    message,
    remedy: /leave label team as team=x, or send it to a socket without/,
  });
  t.match(await patch({ team: null }), { message: /label team cannot be taken away/, response: 403 });
  t.match(await patch({ tier: '1' }), { network: { labels: { team: 'x', tier: '1' } } });
});

t.test(
  'a network that another client takes the label from is not there for a change that is decided later',
  async (t) => {
    const { services, networks, writer } = await serveWithin(t, {});
    const scoped = services.within({ key: 'team', value: 'x' });
    const notFound = { status: 'rejected', reason: { code: 'networkNotFound' } };
    // Waits in the queue of the lane from the call on.
    const takeAway = async (name: string) =>
      await writer.run((draft) => draft.replace(draft.find(name), { labels: new Map() }));
    for (const [name, change] of [
      ['a', async () => await scoped.changes.remove('a', true)],
      ['b', async () => await scoped.changes.update('b', () => ({ labels: new Map([['team', 'x']]) }))],
    ] as const) {
      await networks.create(request(name, { labels: new Map([['team', 'x']]) }));
      const [taken, changed] = await Promise.allSettled([takeAway(name), change()]);
      t.match(taken, { status: 'fulfilled' });
      t.match(changed, notFound, name);
      t.equal((await networks.inspect(name)).network.labels.size, 0);
    }
    await networks.create(request('c', { labels: new Map([['team', 'x']]) }));
    const [, pruned] = await Promise.all([takeAway('c'), scoped.changes.prune(() => true)]);
    t.strictSame(pruned, []);
  },
);

async function refuseRevision(t: Test, app: BoundedApp): Promise<void> {
  const headers = { 'if-match': '"00"' };
  const { status, text } = await ask(app.labelSocketOf.admin, 'POST', '/networks/create', { Name: 'new' }, headers);
  t.equal(status, 403);
  t.match(text, /If-Match of a create is about all networks of the host/);
}

t.test('a create gives no revision of the host', async (t) => await refuseRevision(t, await serveWithin(t, {})));
