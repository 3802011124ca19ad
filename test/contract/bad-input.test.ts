import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { createUrls, decoding, dialects, mask, pool, refuseAll, v3, v4, type Refusal } from './refusals.js';

const missing = 'EOF: the request has no body: send a JSON object, {} for one without members';

t.test('texts that are no JSON', async (t) => {
  const texts: readonly (readonly [text: string, reason: string])[] = [
    ['', missing],
    [' \n', missing],
    ['{', 'unexpected EOF'],
    ['{"name":"x"', 'unexpected EOF'],
    ['{bad', "invalid character 'b' looking for beginning of object key string"],
    ['not json', "invalid character 'o' in literal null (expecting 'u')"],
    ['name=x&driver=bridge', "invalid character 'a' in literal null (expecting 'u')"],
    ['<xml/>', "invalid character '<' looking for beginning of value"],
    ['{"name":"x",}', "invalid character '}' looking for beginning of object key string"],
    ['{"name":"a\nb"}', String.raw`invalid character '\n' in string literal`],
    ['{"name":01}', "invalid character '1' after object key:value pair"],
    ['\u0000', String.raw`invalid character '\x00' looking for beginning of value`],
    ['['.repeat(100_000), "invalid character '[' exceeded max depth"],
    ['['.repeat(100_000) + ']'.repeat(100_000), "invalid character '[' exceeded max depth"],
    [`{"unknown":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`, "invalid character '{' exceeded max depth"],
  ];
  const refusals = dialects.flatMap((dialect) =>
    texts.map(([body, reason]) => {
      const { prefix, status } = decoding[dialect];
      return { dialect, body, status, message: prefix + reason, cause: reason === missing ? 'EOF' : reason };
    }),
  );
  await refuseAll(t, refusals);
});

t.test('names', async (t) => {
  const rule = 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument';
  const names = [
    '../../x',
    '/etc/passwd',
    'foo ',
    ' foo',
    'a/b',
    '.',
    '..',
    '.hidden',
    '-rf',
    '_x',
    'a\u0000b',
    'a\nb',
    'é',
    'ｆｏｏ',
    '😀',
    'a%2Fb',
    '__proto__',
  ];
  const refusals = names.flatMap((name): Refusal[] => {
    const refusal = { message: `network name ${name} invalid: ${rule}`, cause: 'invalid argument' };
    return [
      { dialect: 'compat', body: { Name: name }, status: 400, ...refusal },
      { dialect: 'v4', body: { name }, status: 400, ...refusal },
      { dialect: 'v3', body: {}, query: `?name=${encodeURIComponent(name)}`, status: 500, ...refusal },
    ];
  });
  const name = 'n'.repeat(300);
  const message = `network name ${name} invalid: it has 300 bytes, at most 235 are allowed`;
  const reserved = ['none', 'host', 'bridge', 'private', 'slirp4netns', 'pasta', 'container', 'ns', 'default'].flatMap(
    (name): Refusal[] => {
      const words = {
        status: 403,
        message: `cannot create network with name "${name}" because it conflicts with a valid network mode`,
      };
      return [
        { dialect: 'compat', body: { Name: name }, ...words },
        { dialect: 'v4', body: { name }, ...words },
      ];
    },
  );
  await refuseAll(t, [
    ...refusals,
    ...reserved,
    { dialect: 'compat', body: { Name: name }, status: 400, message },
    { dialect: 'v4', body: { name }, status: 400, message },
    { dialect: 'v3', body: {}, query: `?name=${name}`, status: 500, message },
  ]);
});

t.test('an empty name is the name of the device', async (t) => {
  const daemon = await startDaemon(t);
  const made: string[] = [];
  for (const [url, body] of [
    [createUrls.compat, { Name: '' }],
    [createUrls.compat, {}],
    [createUrls.v3, {}],
    [`${createUrls.v3}?name=`, { Name: 'ignored' }],
    [createUrls.v4, { name: '' }],
    [createUrls.v4, 'null'],
  ] as const) {
    t.match((await daemon.ask('POST', url, body)).status, /^20[01]$/);
    made.push(...Object.keys(snapshotFolder(daemon.folder)).filter((name) => !made.includes(name)));
  }
  t.equal(made.length, 6);
  for (const file of made) t.match(file, /^cni-podman[1-9][0-9]*\.conflist$/);
});

t.test('names, subnets and bridges that are taken', async (t) => {
  const name = { message: 'network name taken already used: network already exists', cause: 'network already exists' };
  const used =
    'subnet 10.221.0.128/25 is already used on the host or by another config: it overlaps 10.221.0.0/24 of network taken';
  await refuseAll(t, [
    { dialect: 'compat', body: { Name: 'taken' }, status: 409, ...name },
    { dialect: 'compat', body: { Name: 'taken', CheckDuplicate: false }, status: 409, ...name },
    { dialect: 'v4', body: { name: 'taken' }, status: 409, ...name },
    {
      dialect: 'v4',
      body: { name: 'podman' },
      status: 409,
      message: 'network name podman already used: network already exists',
      cause: 'network already exists',
    },
    { dialect: 'v3', body: {}, query: '?name=taken', status: 500, message: 'the network name taken is already used' },
    { ...v4({ subnet: '10.221.0.128/25' }), status: 409, message: used },
    { ...pool({ Subnet: '10.221.0.128/25' }), status: 409, message: used },
    {
      ...v3({ Subnet: { IP: '10.221.0.128', Mask: mask(255, 255, 255, 128) } }),
      message:
        'network 10.221.0.128/25 is already being used by a cni configuration: it overlaps 10.221.0.0/24 of network taken',
    },
    {
      ...v4({ subnet: '10.88.7.0/24' }),
      status: 409,
      message:
        'subnet 10.88.7.0/24 is already used on the host or by another config: it overlaps 10.88.0.0/16 of network podman',
    },
    {
      dialect: 'v4',
      body: { name: 'x', network_interface: 'br-taken' },
      status: 409,
      message: 'bridge name br-taken already in use',
    },
    {
      dialect: 'compat',
      body: { Name: 'x', Options: { 'com.docker.network.bridge.name': 'br-taken' } },
      status: 409,
      message: 'bridge name br-taken already in use',
    },
    {
      dialect: 'v4',
      body: { name: 'x', network_interface: 'bad name' },
      status: 400,
      message: 'bridge name bad name invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument',
      cause: 'invalid argument',
    },
    {
      dialect: 'v4',
      body: { name: 'x', network_interface: 'abcdefghijklmnop' },
      status: 400,
      message: 'bridge name abcdefghijklmnop invalid: an interface name has at most 15 bytes',
    },
  ]);
});
