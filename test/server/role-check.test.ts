import t from 'tap';
import { limits } from '../../src/api/limits.js';
import { sufficientRoles, type Role } from '../../src/model/role.js';
import { serveWithin } from '../support/bounded-app.js';
import { ask } from '../support/client.js';
import { listDeclaredRoutes, type DeclaredRoute } from '../support/declared-routes.js';
import { readAnswers, speak, writeRequest } from '../support/raw-http.js';
import { request } from '../support/service.js';
import { snapshotFolder } from '../support/snapshot-folder.js';

/** Has the names that every dialect asks for. */
const body = { Name: 'new', name: 'new', Container: 'front', container: 'front' };

const refusal = (socket: string, role: Role, need: Role) =>
  `${socket} has the role ${role}, and this request needs the role ${need}`;

async function send(socket: string, { dialect, method, url }: DeclaredRoute) {
  // Past events end a stream.
  const target = url.endsWith('/events') ? `${url}?until=1` : url;
  const sent = ['GET', 'HEAD'].includes(method)
    ? undefined
    : dialect === 'podnetd'
      ? { [url.endsWith('/plan') ? 'name' : 'container']: 'new' }
      : body;
  return await ask(socket, method, target, sent);
}

t.test('each route answers the roles that suffice, with a label or without, and refuses the others', async (t) => {
  const app = await serveWithin(t, {});
  for (const [name, team] of Object.entries({ web: 'x', lab: 'y' }))
    await app.services.changes.create(request(name, { labels: new Map([['team', team]]) }));
  const routes = await listDeclaredRoutes();
  t.same(
    new Set(routes.map(({ dialect }) => dialect)),
    new Set(['compat', 'libpod-v3', 'libpod-v4', 'podnetd']),
    'of every dialect',
  );
  const entrances = (['read', 'operate', 'admin'] as const).flatMap((role) => [
    { role, socket: app.labelSocketOf[role], hasLabel: true },
    { role, socket: app.socketOf[role], hasLabel: false },
  ]);
  for (const { role, socket, hasLabel } of entrances) {
    const before = snapshotFolder(app.folder);
    for (const route of routes) {
      const { status, text } = await send(socket, route);
      const mayAsk = sufficientRoles(route.role).includes(role);
      const message = !mayAsk
        ? refusal(socket, role, route.role)
        : hasLabel && route.isHostWide
          ? `${socket} shows networks with the label team=x alone, and this request is about all networks of the host`
          : undefined;
      const place = `${role}${hasLabel ? ' with a label' : ''}: ${route.method} ${route.url} in ${route.dialect}`;
      t.equal(/has the role|shows networks with/.test(text), message !== undefined, place);
      if (message === undefined) continue;
      t.match(JSON.parse(text), { message, response: 403 }, place);
      t.equal(status, 403, place);
    }
    const after = snapshotFolder(app.folder);
    if (hasLabel) t.equal(after['lab.conflist'], before['lab.conflist'], 'a network without the label stays');
    if (role === 'admin') t.strictNotSame(after, before, 'the same requests change networks where they may');
    else t.strictSame(after, before, `${role} changes no network`);
  }
});

t.test('a route that reads says so by its method, but for a plan and for what only an engine has', async (t) => {
  const writing = (await listDeclaredRoutes()).filter(
    ({ method, role }) => !['GET', 'HEAD'].includes(method) && role === 'read',
  );
  const own = writing.filter(({ url }) => /networks|podnetd/.test(url));
  t.strictSame(
    own.map(({ method, url }) => `${method} ${url}`),
    ['POST /podnetd/v1/networks/plan'],
  );
});

t.test('no other spelling of a request gets past the role', async (t) => {
  const app = await serveWithin(t, {});
  const { read } = app.socketOf;
  const before = snapshotFolder(app.folder);
  const text = JSON.stringify({ Name: 'new', name: 'new' });
  const chunk = `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  const urls = [
    '/networks/create',
    '/v1.41/networks/create',
    '/v5.4.2/libpod/networks/create',
    '/libpod/networks/create',
  ];
  const spellings = urls.flatMap((url) => [
    url,
    `${url}?dryRun=true`,
    `http://d${url}`,
    `/.${url}`,
    `/x/..${url}`,
    `/${url}`,
    url.replace('networks', '%6eetworks'),
    url.replace('create', '%63reate'),
    url.toUpperCase(),
    `${url}/`,
    `${url}#x`,
    `${url};x`,
  ]);
  const requests = [
    ...spellings.map((url) => writeRequest('POST', url, text)),
    ...urls.map((url) => writeRequest('POST', url, chunk, ['Transfer-Encoding: chunked'])),
    // CVE-2024-41110: an authorisation plugin saw no body, and the daemon read one.
    ...urls.map((url) => writeRequest('POST', url, text, ['Content-Length: 0'])),
    ...urls.map((url) => writeRequest('GET', url, text, ['X-HTTP-Method-Override: POST', 'X-HTTP-Method: POST'])),
    ...urls.map((url) => writeRequest('GET', '/_ping') + writeRequest('POST', url, text)),
  ];
  for (const raw of requests) {
    const heard = await speak(read, raw);
    t.notMatch(heard, /HTTP\/1\.1 20[14]/, raw.split('\r\n', 1).join());
  }
  t.strictSame(snapshotFolder(app.folder), before);
});

t.test('a refused request with a long body is read to its end, and the connection goes on', async (t) => {
  const { socketOf } = await serveWithin(t, {});
  const long = writeRequest('POST', '/networks/create', 'x'.repeat(limits.bodyBytes * 2));
  const answers = readAnswers(await speak(socketOf.read, long, writeRequest('GET', '/_ping')));
  t.same(
    answers.map(({ status }) => status),
    [403, 200],
  );
});

t.test('a refusal has its remedy where the dialect shows one', async (t) => {
  const app = await serveWithin(t, {});
  const answer = await ask(app.socketOf.operate, 'DELETE', '/podnetd/v1/networks/web');
  t.equal(answer.status, 405, "a path without such a route is not the role's to refuse");
  const patch = await ask(app.socketOf.operate, 'PATCH', '/podnetd/v1/networks/web', {});
  t.strictSame(patch.json(), {
    cause: refusal(app.socketOf.operate, 'operate', 'admin'),
    message: refusal(app.socketOf.operate, 'operate', 'admin'),
    remedy: 'send it to a socket with the role admin',
    response: 403,
  });
});
