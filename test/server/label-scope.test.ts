import * as fc from 'fast-check';
import t from 'tap';
import { networkId } from '../../src/model/names.js';
import { serveWithin, type BoundedApp } from '../support/bounded-app.js';
import { ask } from '../support/client.js';
import { listDeclaredRoutes } from '../support/declared-routes.js';
import { rounds } from '../support/rounds.js';
import { request } from '../support/service.js';

/** A socket with a label shows the networks that have it, as if there were no others. */

const routes = (await listDeclaredRoutes()).filter(({ role, method }) => role === 'read' && method === 'GET');

const labelled = (name: string, team: string) => request(name, { labels: new Map([['team', team]]) });

/** Events that have happened, and no later ones. */
const past = () => `?since=1&until=${(Date.now() / 1_000).toFixed(3)}&stream=false`;

const isOfVersionsOrMachine = /_ping|version|info|ready|system\/df/;

/** Statuses and bodies of every look, by request. */
async function lookAtAll(
  { labelSocketOf }: BoundedApp,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const answers: Record<string, string> = {};
  for (const { url, dialect } of routes) {
    if (isOfVersionsOrMachine.test(url)) continue;
    const places = url.includes('/web') ? names.map((name) => url.replace('/web', `/${name}`)) : [url];
    for (const place of places) {
      const { status, text, headers } = await ask(
        labelSocketOf.read,
        'GET',
        url.endsWith('/events') ? `${place}${past()}` : place,
      );
      answers[`${dialect} ${place}`] = `${status} ${headers.etag ?? ''} ${text}`;
    }
  }
  return answers;
}

const seen = ['web', 'shop'];

t.test('an answer is the same, byte for byte, whatever other networks there are', async (t) => {
  const app = await serveWithin(t, {});
  const { changes } = app.services;
  for (const name of seen) await changes.create(labelled(name, 'x'));
  await changes.create(labelled('gone', 'x'));
  await changes.remove('gone', false);
  const others = ['a', 'b', '4', '4b5', 'lab'];
  const names = [...seen, ...others, 'gone', 'podman', 'bridge', 'none', ...[...seen, ...others].map(networkId)];
  const prefixes = [...seen, ...others].flatMap((name) => [1, 3].map((length) => networkId(name).slice(0, length)));
  const asked = [...new Set([...names, ...prefixes])];
  const alone = await lookAtAll(app, asked);
  t.match(alone['libpod-v4 /v5.4.2/libpod/networks/web/json'], /^200 .*"name":"web"/);
  t.match(alone['libpod-v4 /v5.4.2/libpod/networks/podman/json'], /^404/);
  t.match(alone['podnetd /podnetd/v1/pools'], /^403 .*shows networks with the label team=x alone/);
  t.match(alone['libpod-v4 /v5.4.2/libpod/events'], /"remove".*gone|gone.*"remove"/s, 'with events of what is gone');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.record({ name: fc.constantFrom(...others), team: fc.constantFrom('y', 'X', 'x ', '') }), {
        selector: ({ name }) => name,
        minLength: 2,
      }),
      async (more) => {
        for (const { name, team } of more) await changes.create(labelled(name, team));
        const between = await lookAtAll(app, asked);
        for (const { name } of more) await changes.remove(name, false);
        await changes.prune(() => false);
        const after = await lookAtAll(app, asked);
        t.strictSame(between, alone);
        t.strictSame(after, alone, 'also when they are gone');
      },
    ),
    { numRuns: rounds(1, 50) },
  );
});

t.test('lists, and Docker words for the default network, are of the label alone', async (t) => {
  const app = await serveWithin(t, {});
  for (const [name, team] of [
    ['web', 'x'],
    ['lab', 'y'],
    ['bridge', 'y'],
  ] as const)
    await app.services.changes.create(labelled(name, team));
  const list = (await ask(app.labelSocketOf.read, 'GET', '/networks')).json() as readonly { readonly Name: string }[];
  t.same(
    list.map(({ Name }) => Name),
    ['web'],
  );
  t.equal((await ask(app.labelSocketOf.read, 'GET', '/networks/bridge')).status, 404);
  t.equal((await ask(app.labelSocketOf.read, 'GET', `/networks/${networkId('lab')}`)).status, 404);
  t.equal((await ask(app.socket, 'GET', '/networks/bridge')).status, 200, 'a socket without a label shows it');
});

t.test('Docker words for the default network say nothing of its name', async (t) => {
  const { labelSocketOf } = await serveWithin(t, {});
  for (const [method, url, body] of [
    ['GET', '/networks/bridge', undefined],
    ['DELETE', '/networks/bridge', undefined],
    ['POST', '/networks/bridge/connect', { Container: 'front' }],
    ['POST', '/networks/bridge/disconnect', { Container: 'front', Force: true }],
  ] as const) {
    const { status, text } = await ask(labelSocketOf.admin, method, url, body);
    t.equal(status, 404, `${method} ${url}`);
    t.match(text, 'unable to find network with name or ID bridge');
    t.notMatch(text, 'podman', 'which is unseen');
  }
});
