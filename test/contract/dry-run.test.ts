import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { openEvents } from '../support/event-stream.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { creations, nextSubnet, settle } from './dialects.js';

/** `dryRun` in each dialect: the answer of a change, without the change. */

/** A prefix of each dialect, and what makes, removes and prunes there. */
const dialects = creations.map(({ dialect, prefixes, request, status }) => {
  const prefix = prefixes[1] ?? '';
  return {
    dialect,
    create: (name: string, subnet: string) => {
      const { url, body } = request(name, subnet);
      return { url: prefix + url, body };
    },
    status,
    networks: `${prefix}/networks`,
    removed: dialect === 'compat' ? 204 : 200,
  };
});

const withDryRun = (url: string, value = 'true') => `${url}${url.includes('?') ? '&' : '?'}dryRun=${value}`;

/** An answer without what differs from request to request. */
function comparable({ status, headers, text }: Answer): object {
  const {
    date,
    'x-reference-id': id,
    'podnetd-dry-run': dryRun,
    'content-length': _digitsOfTheTime,
    ...rest
  } = headers;
  return {
    status,
    headers: rest,
    text: settle(text),
    isNamed: [date, id].every((value) => value !== undefined),
    dryRun,
  };
}

const likeADryRun = (answer: Answer) => ({ ...comparable(answer), dryRun: 'true' });

for (const { dialect, create, status, networks, removed } of dialects) {
  t.test(dialect, async (t) => {
    const daemon = await startDaemon(t);
    await t.test('the answer of a dry run is that of the change', async (t) => {
      const stream = await openEvents(t, daemon.socket, '/v1.41/events');
      const { url, body } = create('web', nextSubnet());
      const before = snapshotFolder(daemon.folder);

      const foreseen = await daemon.ask('POST', withDryRun(url), body);
      t.equal(foreseen.status, status);
      t.equal(foreseen.headers['podnetd-dry-run'], 'true');
      t.strictSame(snapshotFolder(daemon.folder), before, 'no file is made');
      t.notOk(existsSync(path.join(daemon.folder, 'cni.lock')), 'not even that of the lock');
      const made = await daemon.ask('POST', url, body);
      t.equal(made.headers['podnetd-dry-run'], undefined);
      t.strictSame(comparable(foreseen), likeADryRun(made), 'create');

      const again = await daemon.ask('POST', withDryRun(url), body);
      t.strictSame(comparable(again), likeADryRun(await daemon.ask('POST', url, body)), 'a create that is refused');
      t.equal(again.headers['podnetd-dry-run'], 'true', 'also of a refusal');

      const full = snapshotFolder(daemon.folder);
      const prune = await daemon.ask('POST', withDryRun(`${networks}/prune`));
      t.equal(prune.status, 200);
      t.match(prune.text, '"web"');
      const removal = await daemon.ask('DELETE', withDryRun(`${networks}/web`));
      t.equal(removal.status, removed);
      const missing = await daemon.ask('DELETE', withDryRun(`${networks}/nope`));
      t.strictSame(snapshotFolder(daemon.folder), full, 'nothing is removed');
      t.strictSame(
        comparable(missing),
        likeADryRun(await daemon.ask('DELETE', `${networks}/nope`)),
        'a missing network',
      );
      t.strictSame(comparable(removal), likeADryRun(await daemon.ask('DELETE', `${networks}/web`)), 'remove');
      await daemon.ask('POST', url, body);
      t.strictSame(comparable(prune), likeADryRun(await daemon.ask('POST', `${networks}/prune`)), 'prune');

      const events = await stream.lines(5);
      t.strictSame(
        events.map(({ Action }) => Action),
        ['create', 'destroy', 'create', 'destroy', 'prune'],
        'the events are those of the changes alone',
      );
      const logged = daemon.log().filter(({ msg }) => msg === 'request');
      t.equal(logged.filter(({ dryRun }) => dryRun === true).length, 5, 'the log sets dry runs apart');
    });

    await t.test('a value of dryRun that is neither true nor false is refused', async (t) => {
      const { url, body } = create('web', nextSubnet());
      const requests = [
        ['POST', url, body],
        ['DELETE', `${networks}/web`, undefined],
        ['POST', `${networks}/prune`, undefined],
        ['GET', `${networks}${dialect === 'compat' ? '' : '/json'}`, undefined],
      ] as const;
      for (const [method, target, sent] of requests) {
        const answer = await daemon.ask(method, withDryRun(target, 'maybe'), sent);
        t.equal(answer.status, 400, `${method} ${target}`);
        t.match(answer.json(), { message: /^dryRun=maybe is neither true nor false: write one of true, false, / });
      }
      t.notOk(existsSync(path.join(daemon.folder, 'web.conflist')), 'nothing is made');
      for (const value of ['false', '0', '']) {
        const name = `real${value}`;
        const real = create(name, nextSubnet());
        const answer = await daemon.ask('POST', withDryRun(real.url, value), real.body);
        t.equal(answer.status, status, `dryRun=${value}`);
        t.equal(answer.headers['podnetd-dry-run'], undefined);
        t.ok(existsSync(path.join(daemon.folder, `${name}.conflist`)), 'is made');
      }
      const full = snapshotFolder(daemon.folder);
      const last = await daemon.ask('DELETE', `${networks}/real?dryRun=false&DRYRUN=1`);
      t.equal(last.headers['podnetd-dry-run'], 'true', 'the last of several counts, in any case');
      t.strictSame(snapshotFolder(daemon.folder), full);
    });

    await t.test('dryRun is refused where nothing can be tried', async (t) => {
      const { url, body } = create('web', nextSubnet());
      t.equal((await daemon.ask('POST', url, body)).status, status);
      for (const act of ['connect', 'disconnect']) {
        const answer = await daemon.ask('POST', withDryRun(`${networks}/web/${act}`), { Container: 'front' });
        t.equal(answer.status, dialect === 'compat' ? 501 : 400, act);
        t.match(answer.json(), { message: `POST ${networks}/web/${act} cannot be tried with dryRun` });
      }
      const read = await daemon.ask('GET', withDryRun(`${networks}${dialect === 'compat' ? '' : '/json'}`));
      t.equal(read.status, 200, 'a request that changes nothing is answered as ever');
      t.equal((await daemon.ask('POST', withDryRun(`${networks}/web/nowhere`))).status, 404);
    });
  });
}

t.test('a dry run waits for no lock', async (t) => {
  const daemon = await startDaemon(t, { args: ['--lock-timeout', '1'] });
  const subnet = nextSubnet();
  for (const { create, status } of dialects.slice(0, 1)) {
    const { url, body } = create('web', subnet);
    t.equal((await daemon.ask('POST', url, body)).status, status);
  }
  const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
  for (const { dialect, create, status, networks, removed } of dialects) {
    const { url, body } = create('db', nextSubnet());
    t.equal((await daemon.ask('POST', withDryRun(url), body)).status, status, `${dialect}: create`);
    t.equal((await daemon.ask('DELETE', withDryRun(`${networks}/web`))).status, removed, `${dialect}: remove`);
    t.match((await daemon.ask('POST', withDryRun(`${networks}/prune`))).text, '"web"', `${dialect}: prune`);
  }
  const { url, body } = dialects[0]?.create('db', nextSubnet()) ?? { url: '', body: {} };
  t.equal((await daemon.ask('POST', url, body)).status, 503, 'a change waits');
  await holder.release();
});

t.test('a dry run foresees a file that podnetd cannot use', async (t) => {
  const daemon = await startDaemon(t);
  writeFileSync(path.join(daemon.folder, 'web.conflist'), 'no JSON');
  const { url, body } = creations[2]?.request('web', nextSubnet()) ?? { url: '', body: {} };
  const create = async (of: TestDaemon, target: string) => await of.ask('POST', target, body);
  const foreseen = await create(daemon, withDryRun(`/v4/libpod${url}`));
  t.equal(foreseen.status, 409);
  t.strictSame(comparable(foreseen), likeADryRun(await create(daemon, `/v4/libpod${url}`)));
});

t.test('libpod 4 foresees what ignoreIfExists answers', async (t) => {
  const daemon = await startDaemon(t);
  const url = '/v4/libpod/networks/create?ignoreIfExists=true';
  const body = { name: 'web', subnets: [{ subnet: `${nextSubnet()}.0/24` }] };
  t.equal((await daemon.ask('POST', url, body)).status, 200);
  const other = { ...body, labels: { team: 'shop' } };
  const foreseen = await daemon.ask('POST', withDryRun(url), other);
  t.match(foreseen.headers['warning'], 'network web exists already');
  t.strictSame(comparable(foreseen), likeADryRun(await daemon.ask('POST', url, other)));
});
