import { existsSync } from 'node:fs';
import t from 'tap';
import type { paths as CompatPaths } from '../openapi/types/compat.js';
import type { paths as LibpodV3Paths } from '../openapi/types/libpod-v3.js';
import type { components, paths as LibpodV4Paths } from '../openapi/types/libpod-v4.js';
import type { paths as PodnetdPaths } from '../openapi/types/podnetd.js';
import { startDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { missing } from '../support/tools.js';
import { makeTypedClient } from '../support/typed-client.js';
import { idOf } from './dialects.js';

/**
 * Clients that are written against the generated types alone. `npm run typecheck` generates the types and compiles this file; a member, a path,
 * a method or a status that no document has is an error there, and the lines that expect one fail when it is none.
 */

const skip = missing('ip', 'mount', 'nsenter', 'unshare');
const subnet = '10.91.0.0/24';
const nope = 'no container with name or ID "nope" found: no such container';

/** Narrows an answer to the one of a status. @throws Error for an answer with another status */
function want<R extends { readonly status: number }, S extends number>(
  reply: R,
  status: S & R['status'],
): Extract<R, { readonly status: S }> {
  if (reply.status !== status) throw new Error(`not ${String(status)}: ${JSON.stringify(reply)}`);
  return reply as Extract<R, { readonly status: S }>;
}

t.test('Docker', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: await makeHost(t) });
  const ask = makeTypedClient<CompatPaths>(daemon.socket, '/v1.56');
  t.equal(want(await ask('get', '/_ping', {}), 200).body, 'OK');
  t.equal(want(await ask('head', '/_ping', {}), 200).body, undefined);
  const body = { Name: 'web', IPAM: { Config: [{ Subnet: subnet }] } };
  const made = want(await ask('post', '/networks/create', { body }), 201);
  t.equal(made.body.Id, idOf('web'));
  // @ts-expect-error: Docker calls it Id
  t.equal(made.body.ID, undefined);
  const path = { id: 'web' };
  const network = want(await ask('get', '/networks/{id}', { path }), 200).body;
  t.equal(network.IPAM.Config[0]?.Subnet, subnet);
  const listed = want(await ask('get', '/networks', { query: { filters: '{"name":["web"]}' } }), 200).body;
  const { Containers, Status, ...summary } = network;
  t.strictSame([Containers, Status?.IPAM.Subnets?.[subnet]], [{}, { IPsInUse: 3, DynamicIPsAvailable: 253 }]);
  t.strictSame(listed, [summary]);
  const none = await ask('post', '/networks/{id}/connect', { path, body: { Container: 'nope' } });
  t.equal(want(none, 404).body.message, nope);
  // @ts-expect-error: a misspelt member
  const misspelt = await ask('post', '/networks/{id}/connect', { path, body: { Contianer: 'nope' } });
  t.not(misspelt.status, 200);
  t.equal(want(await ask('delete', '/networks/{id}', { path }), 204).body, undefined);
  t.strictSame(want(await ask('post', '/networks/prune', {}), 200).body.NetworksDeleted, []);
});

t.test('libpod 3', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: await makeHost(t) });
  const ask = makeTypedClient<LibpodV3Paths>(daemon.socket, '/v3.2.0/libpod');
  const body = { Subnet: { IP: '10.91.0.0', Mask: '////AA==' } };
  const made = want(await ask('post', '/networks/create', { query: { name: 'web' }, body }), 200);
  t.ok(existsSync(made.body.Filename));
  const path = { name: 'web' };
  t.match(want(await ask('get', '/networks/{name}/json', { path }), 200).body, { name: 'web' });
  t.equal(want(await ask('get', '/networks/{name}/exists', { path }), 204).body, undefined);
  const [listed] = want(await ask('get', '/networks/json', { query: { filters: '{"name":["web"]}' } }), 200).body;
  t.equal(listed?.Plugins[0]?.Network.type, 'bridge');
  // @ts-expect-error: the type is within Network
  t.equal(listed?.Plugins[0]?.type, undefined);
  const none = await ask('post', '/networks/{name}/connect', { path, body: { Container: 'nope' } });
  t.equal(want(none, 404).body.message, nope);
  t.strictSame(want(await ask('delete', '/networks/{name}', { path }), 200).body, [{ Name: 'web', Err: null }]);
  // @ts-expect-error: the document has no such status
  t.throws(() => want({ status: 200 } as Awaited<ReturnType<typeof ask<'get', '/version'>>>, 404));
});

t.test('libpod 4', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: await makeHost(t) });
  const ask = makeTypedClient<LibpodV4Paths>(daemon.socket, '/v5.4.2/libpod');
  const body: components['schemas']['NetworkCreateLibpod'] = { name: 'web', subnets: [{ subnet }] };
  const made: components['schemas']['Network'] = want(await ask('post', '/networks/create', { body }), 200).body;
  t.equal(made.id, idOf('web'));
  const path = { name: 'web' };
  const { containers, ...network } = want(await ask('get', '/networks/{name}/json', { path }), 200).body;
  t.strictSame(containers, {});
  t.strictSame(network, made);
  t.strictSame(want(await ask('get', '/networks/json', { query: { filters: '{"name":["web"]}' } }), 200).body, [made]);
  const none = await ask('post', '/networks/{name}/connect', { path, body: { container: 'nope' } });
  t.equal(want(none, 404).body.message, nope);
  // @ts-expect-error: Docker's name of the member
  const misspelt = await ask('post', '/networks/{name}/connect', { path, body: { Id: 'nope' } });
  t.not(misspelt.status, 200);
  t.strictSame(want(await ask('delete', '/networks/{name}', { path }), 200).body, [{ Name: 'web', Err: null }]);
});

t.test('podnetd', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: await makeHost(t) });
  const docker = makeTypedClient<CompatPaths>(daemon.socket, '');
  const ask = makeTypedClient<PodnetdPaths>(daemon.socket, '/podnetd');
  t.match(want(await ask('get', '/v1/version', {}), 200).body.dockerApi.minimum, /^\d+\.\d+$/);
  want(await docker('post', '/networks/create', { body: { Name: 'web' } }), 201);
  const path = { name: 'web' };
  t.strictSame(want(await ask('get', '/v1/attachments', {}), 200).body, []);
  t.strictSame(want(await ask('get', '/v1/networks/{name}/attachments', { path }), 200).body, []);
  const body = { container: 'nope', port_mappings: [{ host_port: 8080, container_port: 80 }] };
  t.equal(want(await ask('post', '/v1/networks/{name}/connect', { path, body }), 404).body.message, nope);
  // @ts-expect-error: an unknown member, which podnetd refuses as well
  const unknown = await ask('post', '/v1/networks/{name}/disconnect', { path, body: { id: 'nope' } });
  t.equal(unknown.status, 400);
  t.strictSame(want(await ask('post', '/v1/networks/{name}/gc', { path }), 200).body, []);
  // @ts-expect-error: a path of another dialect
  t.equal((await ask('delete', '/networks/{id}', { path: { id: 'web' } })).status, 404);
  want(await docker('delete', '/networks/{id}', { path: { id: 'web' } }), 204);
});
