import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { makeNetns } from '../support/netns.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';
import { creations } from './dialects.js';

/** A plan shows what a create makes, and its revision makes the create conditional. */

const skip = missing('ip');
const planUrl = '/podnetd/v1/networks/plan';

interface Plan {
  readonly network: { readonly name: string; readonly created: string };
  readonly path: string;
  readonly conflist: string;
  readonly warnings: readonly string[];
  readonly revision: string;
}

t.test('a plan is what a create makes', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t), args: ['--lock-timeout', '1'] });
  const before = snapshotFolder(daemon.folder);
  const body = { name: 'web', ipv6_enabled: true, subnets: [{ subnet: 'fd00:1::/64' }], labels: { team: 'shop' } };
  const planned = await daemon.ask('POST', planUrl, body);
  t.equal(planned.status, 200);
  t.strictSame(snapshotFolder(daemon.folder), before, 'nothing is made');
  const plan = planned.json() as Plan;
  const made = await daemon.ask('POST', '/v4/libpod/networks/create', body, { 'if-match': `"${plan.revision}"` });
  t.equal(made.status, 200);
  const { created } = made.json() as Plan['network'];
  t.strictSame({ ...plan.network, created }, made.json(), 'the network, but for the time');
  t.equal(plan.path, path.join(daemon.folder, 'web.conflist'));
  t.equal(plan.conflist, readFileSync(plan.path, 'utf8'), 'the file, byte for byte');
  t.strictSame(plan.warnings, []);

  const refused = await daemon.ask('POST', planUrl, body);
  t.equal(refused.status, 409);
  const { revision, remedy, explanation, ...words } = refused.json() as Plan & {
    readonly remedy: string;
    readonly explanation: readonly unknown[];
  };
  t.equal(explanation.length, 2, 'also a refusal for its name explains the subnets');
  const message = 'network name web already used: network already exists';
  t.strictSame(words, { cause: 'network already exists', message, response: 409 }, "podnetd's envelope");
  t.match(remedy, 'choose another name');
  t.match(revision, /^[0-9a-f]{32}$/, 'with the revision');
  const wrong = await daemon.ask('POST', planUrl, { driver: 'overlay' });
  t.equal(wrong.status, 501);
  t.match(wrong.json(), { message: 'unsupported driver overlay' });

  const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
  t.equal((await daemon.ask('POST', planUrl, { name: 'db' })).status, 200, 'a plan waits for no lock');
  await holder.release();
});

t.test('If-Match has a network made only on the state that was planned on', { skip }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await startDaemon(t, { netns });
  const plan = async () => ((await daemon.ask('POST', planUrl, {})).json() as Plan).revision;
  let count = 0;
  for (const { dialect, prefixes, request, status } of creations) {
    const create = async (ifMatch: string, query = '') => {
      count += 1;
      const { url, body } = request(`net${count}`, `10.210.${count}`);
      const target = `${prefixes[1] ?? ''}${url}`;
      const joint = target.includes('?') ? '&' : '?';
      return await daemon.ask('POST', query === '' ? target : target + joint + query, body, { 'if-match': ifMatch });
    };
    const first = await plan();
    t.equal(await plan(), first, `${dialect}: the revision stays while nothing changes`);
    t.equal((await create(`"${first}"`, 'dryRun=true')).status, status, 'a dry run on the planned state');
    t.equal((await create(`"other", "${first}"`)).status, status, 'the planned state');
    const outdated = await create(`"${first}"`);
    t.equal(outdated.status, 412, 'the folder has changed');
    t.match(outdated.json(), {
      message: /^what the plan rests on has changed: its revision is [0-9a-f]{32}, If-Match asks for /,
    });
    t.equal((await create(`"${first}"`, 'dryRun=true')).status, 412, 'a dry run too');
    t.equal((await create(first)).status, 412, 'without quotes');
    const second = await plan();
    const link = `link${count}`;
    await netns.ip('link', 'add', link, 'type', 'bridge');
    t.equal((await create(`"${second}"`)).status, 412, 'the links have changed');
    const third = await plan();
    await netns.ip('link', 'set', link, 'up');
    await netns.ip('route', 'add', `10.230.${count}.0/24`, 'dev', link);
    t.equal((await create(`"${third}"`)).status, 412, 'the routes have changed');
    t.equal((await create(`W/"${await plan()}"`)).status, 412, 'a weak tag is never the current state');
    t.equal((await create('"')).status, 400, 'no list of revisions');
    t.equal((await create('*')).status, status, 'any state');
    const prune = await daemon.ask('POST', `${prefixes[1] ?? ''}/networks/prune`, undefined, { 'if-match': '"a"' });
    t.equal(prune.status, dialect === 'compat' ? 501 : 400, 'a prune has no such condition');
    t.match(prune.json(), { message: 'takes no If-Match' });
  }
});

t.test('a plan sees a route, a file and the removal of its network since the last one', { skip }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await startDaemon(t, { netns });
  const url = '/v4/libpod/networks/create?dryRun=true';
  const subnetOf = async () => {
    const answer = await daemon.ask('POST', url, { name: 'web' });
    if (answer.status !== 200) return answer.status;
    return (answer.json() as { readonly subnets: readonly { readonly subnet: string }[] }).subnets[0]?.subnet;
  };
  t.equal(await subnetOf(), '10.89.0.0/24');
  t.equal(await subnetOf(), '10.89.0.0/24', 'nothing is reserved');
  await netns.ip('link', 'add', 'vpn', 'type', 'bridge');
  await netns.ip('link', 'set', 'vpn', 'up');
  await netns.ip('route', 'add', '10.89.0.0/24', 'dev', 'vpn');
  t.equal(await subnetOf(), '10.89.1.0/24', 'a route has come');
  await netns.ip('route', 'del', '10.89.0.0/24', 'dev', 'vpn');
  t.equal(await subnetOf(), '10.89.0.0/24', 'the route has gone');
  const made = await daemon.ask('POST', '/v4/libpod/networks/create', { name: 'web' });
  t.equal(made.status, 200);
  t.equal(await subnetOf(), 409, 'the network is there');
  t.equal((await daemon.ask('DELETE', '/v4/libpod/networks/web')).status, 200);
  t.equal(await subnetOf(), '10.89.0.0/24', 'the network has gone');
});

t.test('of creates at once on one planned state, one is made', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const { revision } = (await daemon.ask('POST', planUrl, {})).json() as Plan;
  const answers = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const condition = { 'if-match': `"${revision}"` };
      return await daemon.ask('POST', '/v4/libpod/networks/create', { name: `net${index}` }, condition);
    }),
  );
  t.strictSame(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, ...Array<number>(7).fill(412)],
  );
});

t.test('a plan explains each subnet, and a refusal has every collision', { skip }, async (t) => {
  const netns = makeNetns(t);
  await netns.ip('link', 'set', 'lo', 'up');
  await netns.ip('link', 'add', 'vpn0', 'type', 'bridge');
  await netns.ip('link', 'set', 'vpn0', 'up');
  await netns.ip('address', 'add', '10.89.1.7/24', 'dev', 'vpn0');
  await netns.ip('route', 'add', '10.89.2.0/24', 'dev', 'vpn0');
  const daemon = await startDaemon(t, { netns });
  t.equal((await daemon.ask('POST', '/v4/libpod/networks/create', { name: 'web' })).status, 200);
  const web = { name: 'web', file: path.join(daemon.folder, 'web.conflist'), prefix: '10.89.0.0/24' };
  const run = (block: string) => ({ first: block, last: block, blocks: 1 });

  const free = (await daemon.ask('POST', planUrl, { name: 'db' })).json() as {
    readonly explanation: readonly unknown[];
  };
  t.strictSame(free.explanation, [
    {
      family: 4,
      subnet: '10.89.3.0/24',
      pool: { base: '10.89.0.0/16', size: 24 },
      cut_from: '10.89.3.0/24',
      looked: 4,
      passed_over: [
        { kind: 'network', ...web, ...run('10.89.0.0/24') },
        { kind: 'interface', prefix: '10.89.1.0/24', name: 'vpn0', ...run('10.89.1.0/24') },
        { kind: 'route', prefix: '10.89.2.0/24', name: 'vpn0', ...run('10.89.2.0/24') },
      ],
      unlisted: 0,
    },
  ]);

  const subnet = '10.89.0.0/22';
  const refused = await daemon.ask('POST', planUrl, { name: 'db', subnets: [{ subnet }, { subnet: '10.99.0.0/24' }] });
  const create = await daemon.ask('POST', '/v4/libpod/networks/create', { name: 'db', subnets: [{ subnet }] });
  t.equal(refused.status, 409);
  const { message, explanation } = refused.json() as {
    readonly message: string;
    readonly explanation: readonly unknown[];
  };
  t.strictSame({ message }, { message: (create.json() as { readonly message: string }).message }, "the create's error");
  t.strictSame(explanation, [
    {
      family: 4,
      requested: subnet,
      looked: 1,
      passed_over: [
        { kind: 'network', ...web, ...run(subnet) },
        { kind: 'interface', prefix: '10.89.1.0/24', name: 'vpn0', ...run(subnet) },
      ],
      unlisted: 0,
    },
    { family: 4, requested: '10.99.0.0/24', subnet: '10.99.0.0/24', looked: 1, passed_over: [], unlisted: 0 },
  ]);
});
