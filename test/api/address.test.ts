import t from 'tap';
import { isVersionBefore, parseAddress, routedUrl, type DialectName } from '../../src/api/address.js';

const addresses: readonly (readonly [url: string, dialect: DialectName, version: string | undefined, rest: string])[] =
  [
    ['/networks/x', 'compat', undefined, '/networks/x'],
    ['/v1.41/networks/x', 'compat', '1.41', '/networks/x'],
    ['/v9.9/networks', 'compat', '9.9', '/networks'],
    ['/v0.1/networks', 'compat', '0.1', '/networks'],
    ['/v5.0.0/networks/x', 'compat', '5.0.0', '/networks/x'],
    ['/v9x/networks', 'compat', '9x', '/networks'],
    ['/_ping', 'compat', undefined, '/_ping'],
    ['/', 'compat', undefined, '/'],
    ['/v1.41', 'compat', undefined, '/v1.41'],
    ['/v1.41/', 'compat', '1.41', '/'],
    ['/vx/networks', 'compat', undefined, '/vx/networks'],
    ['/v/networks', 'compat', undefined, '/v/networks'],
    ['/V1.41/networks', 'compat', undefined, '/V1.41/networks'],
    ['/v1.41//networks', 'compat', '1.41', '//networks'],
    ['//v1.41/networks', 'compat', undefined, '//v1.41/networks'],
    ['/v4.3.1/v4.3.1/libpod/networks/x', 'compat', '4.3.1', '/v4.3.1/libpod/networks/x'],

    ['/libpod/_ping', 'libpod-v3', undefined, '/_ping'],
    ['/libpod/networks/x', 'libpod-v3', undefined, '/networks/x'],
    ['/v1.40/libpod/networks/x', 'libpod-v3', '1.40', '/networks/x'],
    ['/v2.0.0/libpod/networks/x/json', 'libpod-v3', '2.0.0', '/networks/x/json'],
    ['/v3.2.0/libpod/networks/create?name=t1', 'libpod-v3', '3.2.0', '/networks/create?name=t1'],
    ['/v3.9999/libpod/x', 'libpod-v3', '3.9999', '/x'],
    ['/v3.4.0-rc1/libpod/x', 'libpod-v3', '3.4.0-rc1', '/x'],
    ['/v9x/libpod/x', 'libpod-v3', '9x', '/x'],
    ['/v4x/libpod/x', 'libpod-v3', '4x', '/x'],

    ['/v4/libpod/networks/x', 'libpod-v4', '4', '/networks/x'],
    ['/v4.1/libpod/networks/x', 'libpod-v4', '4.1', '/networks/x'],
    ['/v4.3.1/libpod/networks/x/json', 'libpod-v4', '4.3.1', '/networks/x/json'],
    ['/v04.0.0/libpod/networks/x', 'libpod-v4', '04.0.0', '/networks/x'],
    [
      '/v5.4.2/libpod/networks/create?ignoreIfExists=false',
      'libpod-v4',
      '5.4.2',
      '/networks/create?ignoreIfExists=false',
    ],
    ['/v4.0.0-rc1/libpod/x', 'libpod-v4', '4.0.0-rc1', '/x'],
    ['/v10.0.0/libpod/x', 'libpod-v4', '10.0.0', '/x'],
    ['/v100/libpod/x', 'libpod-v4', '100', '/x'],
    ['/v4.3.1/libpod', 'libpod-v4', '4.3.1', '/'],
    ['/v4.3.1/libpod/', 'libpod-v4', '4.3.1', '/'],
    ['/v4.3.1/libpod?a=/libpod/', 'libpod-v4', '4.3.1', '/?a=/libpod/'],
    ['/v4.3.1/libpod//networks/x', 'libpod-v4', '4.3.1', '//networks/x'],

    // `libpod` counts as a whole segment, and only at this place.
    ['/libpodx', 'compat', undefined, '/libpodx'],
    ['/v4.3.1/libpodx/networks/x', 'compat', '4.3.1', '/libpodx/networks/x'],
    ['/v4.3.1/networks/libpod/x', 'compat', '4.3.1', '/networks/libpod/x'],
    ['/networks/x?y=/v4.3.1/libpod/', 'compat', undefined, '/networks/x?y=/v4.3.1/libpod/'],
    ['/v4.3.1?x=/libpod/networks', 'compat', undefined, '/v4.3.1?x=/libpod/networks'],
    ['/v4.3.1/LIBPOD/networks/x', 'compat', '4.3.1', '/LIBPOD/networks/x'],
    ['/v4.3.1/%6cibpod/networks/x', 'compat', '4.3.1', '/%6cibpod/networks/x'],

    ['/podnetd/v1/problems', 'podnetd', '1', '/v1/problems'],
    ['/podnetd/v12/problems?x=/libpod/', 'podnetd', '12', '/v12/problems?x=/libpod/'],
    ['/podnetd', 'podnetd', undefined, '/'],
    ['/podnetd?x', 'podnetd', undefined, '/?x'],
    ['http://d/podnetd/v1/version', 'podnetd', '1', '/v1/version'],
    ['/podnetdx/v1/problems', 'compat', undefined, '/podnetdx/v1/problems'],
    ['/v1.41/podnetd/v1/problems', 'compat', '1.41', '/podnetd/v1/problems'],
    ['/networks/podnetd', 'compat', undefined, '/networks/podnetd'],

    // RFC 9112: the absolute form, and the form of OPTIONS.
    ['http://d/v4.0.0/libpod/networks/x?y', 'libpod-v4', '4.0.0', '/networks/x?y'],
    ['http://user@d:80/networks/x', 'compat', undefined, '/networks/x'],
    ['http://d', 'compat', undefined, '/'],
    ['http://d?x=1', 'compat', undefined, '/?x=1'],
    ['*', 'compat', undefined, '/*'],
    ['/http://d/networks/x', 'compat', undefined, '/http://d/networks/x'],
    ['', 'compat', undefined, '/'],

    // The router's prefixes are no addresses for clients.
    ['/libpod-v4/networks/x', 'compat', undefined, '/libpod-v4/networks/x'],
    ['/v4.3.1/libpod-v4/networks/x', 'compat', '4.3.1', '/libpod-v4/networks/x'],
    ['/compat/networks/x', 'compat', undefined, '/compat/networks/x'],
  ];

const routed = (url: string) => routedUrl(parseAddress(url));

t.test('a URL has a dialect, a version and a rest', async (t) => {
  for (const [url, dialect, version, rest] of addresses) {
    t.strictSame(parseAddress(url), { dialect, version, rest }, url);
    t.equal(routed(url), `/${dialect}${rest}`, `${url} in the router`);
  }
});

t.test("Docker's list has two spellings", async (t) => {
  t.equal(routed('/networks/'), '/compat/networks');
  t.equal(routed('/v1.41/networks/?filters={}'), '/compat/networks?filters={}');
  t.equal(routed('/networks/x/'), '/compat/networks/x/');
  t.equal(routed('/v4.0.0/libpod/networks/'), '/libpod-v4/networks/');
});

t.test("a client cannot choose the router's prefix in its URL", async (t) => {
  for (const prefix of ['compat', 'libpod-v3', 'libpod-v4']) {
    for (const url of [`/${prefix}/networks/x`, `/v4.3.1/${prefix}/networks/x`, `//${prefix}/networks/x`]) {
      t.match(routed(url), /^\/compat\/.*\/networks\/x$/, url);
      t.not(routed(url), `/${prefix}/networks/x`, url);
    }
  }
});

const versions: readonly (readonly [version: string | undefined, isBefore: boolean])[] = [
  ['0.1', true],
  ['1.40', true],
  ['2.0.0', true],
  ['3', true],
  ['3.0', true],
  ['3.0.1', true],
  ['3.0.99', true],
  ['3.1', false],
  ['3.1.0', false],
  ['3.01', false],
  ['3.2.0', false],
  ['3.10.0', false],
  ['4.0.0', false],
  ['10.0.0', false],
  [undefined, false],
];

t.test('versions before 3.1', async (t) => {
  for (const [version, isBefore] of versions) t.equal(isVersionBefore(version, 3, 1), isBefore, String(version));
});
