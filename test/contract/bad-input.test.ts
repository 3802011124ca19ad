import type { TSchema } from '@sinclair/typebox';
import t, { type Test } from 'tap';
import { CompatCreateBody } from '../../src/api/compat/schemas.js';
import { V3CreateBody } from '../../src/api/libpod-v3/schemas.js';
import { V4CreateBody } from '../../src/api/libpod-v4/schemas.js';
import { shapeOf } from '../../src/api/schema-walk.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { snapshotFolder } from '../support/snapshot-folder.js';

const createUrls = {
  compat: '/v1.41/networks/create',
  v3: '/v3.2.0/libpod/networks/create',
  v4: '/v4.3.1/libpod/networks/create',
} as const;
type Dialect = keyof typeof createUrls;

/** What stands before Go's words about a body, and the status. */
const decoding: Readonly<Record<Dialect, { prefix: string; status: number }>> = {
  compat: { prefix: 'Decode(): ', status: 400 },
  v3: { prefix: 'Decode(): ', status: 500 },
  v4: { prefix: 'failed to decode request JSON payload: ', status: 400 },
};
const dialects = Object.keys(createUrls) as Dialect[];

interface Refusal {
  readonly dialect: Dialect;
  readonly body: unknown;
  readonly query?: string;
  readonly status: number;
  readonly message: string;
  /** Where it is not the message. */
  readonly cause?: string;
}

/** A daemon that has one network, `taken`: 10.221.0.0/24 on the bridge br-taken. */
async function startWithNetwork(t: Test): Promise<TestDaemon> {
  const daemon = await startDaemon(t);
  const body = { name: 'taken', network_interface: 'br-taken', subnets: [{ subnet: '10.221.0.0/24' }] };
  t.equal((await daemon.ask('POST', createUrls.v4, body)).status, 200);
  return daemon;
}

/** Sends them all; nothing may have changed when they are answered, and the daemon must go on serving. */
async function refuseAll(t: Test, refusals: readonly Refusal[]): Promise<void> {
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  for (const { dialect, body, query = '', status, message, cause = message } of refusals) {
    const answer = await daemon.ask('POST', createUrls[dialect] + query, body);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    t.equal(answer.status, status, `${dialect} ${query}${show(text)}`);
    t.strictSame(parse(answer.text), { cause, message, response: status });
    t.equal(answer.headers['content-type'], 'application/json');
  }
  t.strictSame(snapshotFolder(daemon.folder), before, 'the folder is as it was');
  await checkServes(t, daemon);
}

async function checkServes(t: Test, daemon: TestDaemon): Promise<void> {
  t.equal((await daemon.ask('GET', '/networks/taken')).status, 200, 'it still shows');
  t.equal((await daemon.ask('POST', createUrls.v4, { name: 'after' })).status, 200, 'it still creates');
  t.notOk(
    daemon.log().some((line) => line['outcome'] === 'internal' || Number(line['level']) >= 50),
    'nothing was a bug',
  );
}

/** The text where it is no JSON, so that a difference is shown. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A text for the name of a test: short, in one line, ASCII. */
function show(text: string): string {
  return encodeURI(text.toWellFormed())
    .replaceAll(/%(20|22|7B|7D|5B|5D)/g, (code) => decodeURI(code))
    .slice(0, 100);
}

t.test('texts that are no JSON', async (t) => {
  const texts: readonly (readonly [text: string, reason: string])[] = [
    ['', 'EOF'],
    [' \n', 'EOF'],
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
      return { dialect, body, status, message: prefix + reason, cause: reason };
    }),
  );
  await refuseAll(t, refusals);
});

/** Values of every JSON type, with Go's name of the type. */
const samples: readonly (readonly [got: string, value: unknown])[] = [
  ['string "x"', 'x'],
  ['number 7', 7],
  ['bool true', true],
  ['array', []],
  ['object', {}],
];

interface Misfit {
  readonly body: unknown;
  readonly got: string;
  /** Of the member, from the body down. */
  readonly path: readonly string[];
}

/** A body for every member of a schema and every type that the member does not take. */
function* misfits(schema: TSchema, path: readonly string[] = []): Generator<Misfit> {
  const shape = shapeOf(schema);
  if (shape.kind === 'any' && !Array.isArray(schema['anyOf'])) return;
  for (const [got, value] of samples) if (!takes(schema, value)) yield { body: nest(path, value), got, path };
  if (shape.kind === 'struct') for (const [name, field] of shape.fields) yield* misfits(field, [...path, name]);
  if (shape.kind === 'map') yield* misfits(shape.values, [...path, 'key']);
  if (shape.kind === 'list') yield* misfits(shape.items, [...path, '0']);
}

function takes(schema: TSchema, value: unknown): boolean {
  const variants = schema['anyOf'] as readonly TSchema[] | undefined;
  if (variants !== undefined) return variants.some((variant) => takes(variant, value));
  const type = Array.isArray(value) ? 'array' : typeof value;
  return schema['type'] === type || (schema['type'] === 'integer' && type === 'number');
}

function nest(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, step) => (step === '0' ? [inner] : { [step]: inner }), value);
}

t.test('wrong types, for every member of every body', async (t) => {
  const schemas: Readonly<Record<Dialect, TSchema>> = { compat: CompatCreateBody, v3: V3CreateBody, v4: V4CreateBody };
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  for (const dialect of dialects) {
    const { prefix, status } = decoding[dialect];
    const title = schemas[dialect].title ?? '';
    const bodies = [...misfits(schemas[dialect])];
    t.ok(bodies.length > 50, `${dialect}: ${bodies.length} bodies`);
    for (const { body, got, path } of bodies) {
      const place = path.length === 0 ? `value of type ${title}` : `struct field ${title}.${path.join('.')} of type `;
      const text = JSON.stringify(body);
      const answer = await daemon.ask('POST', createUrls[dialect], text);
      t.equal(answer.status, status, `${dialect} ${text}`);
      const { message, cause } = answer.json() as { message: string; cause: string };
      t.ok(cause.startsWith(`json: cannot unmarshal ${got} into Go ${place}`), cause);
      t.equal(message, prefix + cause);
    }
  }
  t.strictSame(snapshotFolder(daemon.folder), before, 'the folder is as it was');
  await checkServes(t, daemon);
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

const v4 = (subnet: object, more: object = {}) => ({
  dialect: 'v4' as const,
  body: { name: 'x', subnets: [subnet], ...more },
  status: 400,
});
const pool = (config: object, more: object = {}) => ({
  dialect: 'compat' as const,
  body: { Name: 'x', IPAM: { Config: [config] }, ...more },
  status: 400,
});
const v3 = (body: object) => ({ dialect: 'v3' as const, body, query: '?name=x', status: 500 });
const mask = (...bytes: number[]) => Buffer.from(bytes).toString('base64');
const in16 = { IP: '10.96.0.0', Mask: mask(255, 255, 0, 0) };

t.test('prefixes', async (t) => {
  const refusals: Refusal[] = [];
  for (const text of [
    'junk',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '/24',
    '10.0.0/24',
    '10.0.0.256/24',
    '010.0.0.0/8',
    '10.0.0.0/8 ',
    '10.0.0.0/255.0.0.0',
    'fd00::/129',
    'fd00::',
    '10.0.0.0/65',
    '::ffff:10.0.0.0/104',
    '::ffff:10.0.0.0/24',
    'fe80::1%eth0/64',
  ]) {
    const cause = `invalid CIDR address: ${text}`;
    refusals.push(
      { ...v4({ subnet: text }), message: `failed to decode request JSON payload: ${cause}`, cause },
      { ...pool({ Subnet: text }), message: `failed to parse subnet: ${cause}`, cause },
      { ...pool({ Subnet: '10.223.0.0/16', IPRange: text }), message: `failed to parse ip range: ${cause}`, cause },
    );
  }
  for (const subnet of ['0.0.0.0/0', '::/0']) {
    const message = `network ${subnet}'s mask is invalid`;
    refusals.push({ ...v4({ subnet }), message }, { ...pool({ Subnet: subnet }), message });
  }
  for (const subnet of ['224.0.0.0/24', 'ff00::/16']) {
    refusals.push({ ...v4({ subnet }), message: `subnet ${subnet} is a multicast range` });
  }
  refusals.push(
    { ...v4({}), message: 'subnet ip is nil' },
    { ...v4({ gateway: '10.0.0.1' }), message: 'subnet ip is nil' },
    { ...pool({}), message: 'subnet ip is nil' },
    { ...pool({ Gateway: '10.0.0.1' }), message: 'subnet ip is nil' },
    {
      ...v4({}, { subnets: [{ subnet: '10.222.0.0/16' }, { subnet: '10.222.1.0/24' }] }),
      message: 'subnet 10.222.1.0/24 overlaps 10.222.0.0/16 of the same request',
    },
  );
  await refuseAll(t, refusals);
});

t.test('masks', async (t) => {
  const invalid = (shown: string) => ({ status: 500, message: `network ${shown}'s mask is invalid` });
  const subnet = (IP: string, Mask: unknown) => v3({ Subnet: { IP, Mask } });
  await refuseAll(t, [
    { ...subnet('10.96.0.0', mask(255, 0, 255, 0)), ...invalid('10.96.0.0/ff00ff00') },
    { ...subnet('10.96.0.0', [255, 0, 255, 0]), ...invalid('10.96.0.0/ff00ff00') },
    { ...subnet('10.96.0.0', mask(0, 0, 0, 0)), ...invalid('10.96.0.0/0') },
    { ...subnet('10.96.0.0', mask(255, 255)), ...invalid('10.96.0.0/ffff') },
    {
      ...subnet('10.96.0.0', mask(...Array.from({ length: 13 }, () => 255))),
      ...invalid(`10.96.0.0/${'ff'.repeat(13)}`),
    },
    { ...subnet('fd00::', mask(255, 255, 0, 0)), ...invalid('fd00::/ffff0000') },
    { ...subnet('10.96.0.0', null), message: "network <nil>'s ip or mask cannot be empty" },
    { ...subnet('10.96.0.0', ''), message: "network <nil>'s ip or mask cannot be empty" },
    { ...subnet('', mask(255, 255, 0, 0)), message: "network <nil>'s ip or mask cannot be empty" },
    {
      ...subnet('10.96.0.0', '!!'),
      message: 'Decode(): illegal base64 data at input byte 0: "!!"',
      cause: 'illegal base64 data at input byte 0',
    },
    {
      ...subnet('10.96.0', mask(255, 255, 0, 0)),
      message: 'Decode(): invalid IP address: 10.96.0',
      cause: 'invalid IP address: 10.96.0',
    },
    {
      ...v3({ Subnet: in16, Gateway: 'nonsense' }),
      message: 'Decode(): invalid IP address: nonsense',
      cause: 'invalid IP address: nonsense',
    },
    { ...v3({ IPv6: true }), message: 'ipv6 option requires an IPv6 --subnet to be provided' },
    { ...v3({ IPv6: true, Subnet: in16 }), message: 'ipv6 option requires an IPv6 --subnet to be provided' },
  ]);
});

t.test('gateways and ranges outside', async (t) => {
  const subnet = '10.96.0.0/16';
  const range = (start_ip: string, end_ip: string) => v4({ subnet, lease_range: { start_ip, end_ip } });
  const outside = { IP: '10.97.0.0', Mask: mask(255, 255, 255, 0) };
  const orphan = 'every ip-range or gateway must have a corresponding subnet';
  await refuseAll(t, [
    { ...v4({ subnet, gateway: '10.97.0.1' }), message: 'gateway 10.97.0.1 not in subnet 10.96.0.0/16' },
    { ...v4({ subnet, gateway: 'fd00::1' }), message: 'gateway fd00::1 not in subnet 10.96.0.0/16' },
    {
      ...v4({ subnet, gateway: '10.96.0.0' }),
      message: 'gateway 10.96.0.0 is the network address of subnet 10.96.0.0/16',
    },
    {
      ...v4({ subnet, gateway: '10.96.255.255' }),
      message: 'gateway 10.96.255.255 is the broadcast address of subnet 10.96.0.0/16',
    },
    {
      ...v4({ subnet, gateway: 'junk' }),
      message: 'failed to decode request JSON payload: invalid IP address: junk',
      cause: 'invalid IP address: junk',
    },
    { ...range('10.97.0.1', '10.97.0.9'), message: 'lease range start ip 10.97.0.1 not in subnet 10.96.0.0/16' },
    { ...range('10.96.0.1', '10.97.0.9'), message: 'lease range end ip 10.97.0.9 not in subnet 10.96.0.0/16' },
    { ...range('10.96.0.9', '10.96.0.1'), message: 'lease range start ip 10.96.0.9 is after its end ip 10.96.0.1' },
    { ...pool({ Subnet: subnet, Gateway: '10.97.0.1' }), message: 'gateway 10.97.0.1 not in subnet 10.96.0.0/16' },
    { ...pool({ Subnet: subnet, Gateway: 'junk' }), message: 'failed to parse gateway ip junk' },
    {
      ...pool({ Subnet: subnet, IPRange: '10.97.0.0/24' }),
      message: 'lease range start ip 10.97.0.1 not in subnet 10.96.0.0/16',
    },
    {
      ...v3({ Subnet: in16, Gateway: '10.97.0.1' }),
      message: 'gateway 10.97.0.1 is not in valid for subnet 10.96.0.0/16',
    },
    {
      ...v3({ Subnet: in16, Range: outside }),
      message: 'the ip range 10.97.0.0/24 does not fall within the subnet range 10.96.0.0/16',
    },
    {
      ...v3({ Subnet: in16, IPRange: outside }),
      message: 'the ip range 10.97.0.0/24 does not fall within the subnet range 10.96.0.0/16',
    },
    { ...v3({ Range: in16 }), message: orphan },
    { ...v3({ Gateway: '10.96.0.1' }), message: orphan },
  ]);
});

t.test('drivers, options and parents', async (t) => {
  const options = (given: object, driver = 'bridge') => ({
    dialect: 'v4' as const,
    body: { name: 'x', driver, options: given },
    status: 400,
  });
  const argument = { cause: 'invalid argument' };
  const syntax = { cause: 'invalid syntax' };
  await refuseAll(t, [
    {
      dialect: 'v4',
      body: { name: 'x', driver: 'foo' },
      status: 400,
      message: 'unsupported driver foo: invalid argument',
      ...argument,
    },
    {
      dialect: 'compat',
      body: { Name: 'x', Driver: 'overlay' },
      status: 501,
      message: 'unsupported driver overlay: invalid argument',
      ...argument,
    },
    { ...v3({ Driver: 'foo' }), message: "driver 'foo' is not supported" },
    { ...options({ foo: '1' }), message: 'unsupported network option foo' },
    { ...options({ constructor: '1' }), message: 'unsupported network option constructor' },
    { ...v3({ Options: { foo: '1' } }), message: 'unsupported option foo' },
    {
      ...options({ mtu: 'abc' }),
      message: 'strconv.Atoi: parsing "abc": invalid syntax: mtu must be a whole number',
      ...syntax,
    },
    { ...options({ mtu: '-1' }), message: 'mtu -1 is less than zero' },
    { ...v3({ Options: { mtu: '-1' } }), message: 'the value -1 for mtu is less than zero' },
    { ...options({ vlan: '-5' }), message: 'vlan ID -5 must be between 0 and 4094' },
    { ...options({ vlan: '99999' }), message: 'vlan ID 99999 must be between 0 and 4094' },
    { ...options({ mode: 'l2' }), message: 'cannot set option "mode" with driver "bridge"' },
    {
      ...options({ mode: 'zz' }, 'macvlan'),
      message: 'unknown macvlan mode "zz": must be one of bridge, private, vepa, passthru',
    },
    { ...options({ isolate: '1' }, 'ipvlan'), message: 'isolate option is only supported with the bridge driver' },
    {
      dialect: 'v4',
      body: { name: 'x', driver: 'macvlan', network_interface: 'nodev0' },
      status: 400,
      message: 'parent interface nodev0 does not exist',
    },
    {
      dialect: 'compat',
      body: { Name: 'x', Driver: 'ipvlan', Options: { parent: 'nodev0' } },
      status: 400,
      message: 'parent interface nodev0 does not exist',
    },
    { ...v3({ MacVLAN: 'nodev0' }), message: 'failed to find network interface "nodev0"' },
    {
      dialect: 'v4',
      body: { name: 'x', ipam_options: { driver: 'foo' } },
      status: 400,
      message: 'unsupported ipam driver "foo"',
    },
    {
      dialect: 'compat',
      body: { Name: 'x', IPAM: { Driver: 'foo' } },
      status: 501,
      message: 'unsupported ipam driver "foo"',
    },
    {
      ...v4({ subnet: '10.222.0.0/24' }, { ipam_options: { driver: 'dhcp' } }),
      message: 'dhcp ipam driver is set but subnets are given',
    },
    {
      dialect: 'v4',
      body: { id: 'abc' },
      status: 400,
      message: 'ID can not be set for network create: invalid argument: got "abc"',
      ...argument,
    },
    {
      dialect: 'v4',
      body: { name: 'x', network_dns_servers: ['1.1.1.1'] },
      status: 400,
      message: 'NetworkDNSServers cannot be configured for backend CNI: invalid argument',
      ...argument,
    },
    ...[{ Scope: 'swarm' }, { Ingress: true }, { ConfigOnly: true }, { ConfigFrom: { Network: 'y' } }].map(
      (given): Refusal => {
        const [[feature, value] = []] = Object.entries(given);
        const text = feature === 'ConfigFrom' ? 'y' : String(value);
        const message = `${feature ?? ''} ${text} is not supported: podnetd makes networks of this host only`;
        return { dialect: 'compat', body: { Name: 'x', ...given }, status: 501, message };
      },
    ),
  ]);
});

t.test('what is taken', async (t) => {
  const name = { message: 'network name taken already used: network already exists', cause: 'network already exists' };
  const used = 'subnet 10.221.0.128/25 is already used on the host or by another config: it overlaps 10.221.0.0/24';
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
      message: 'network 10.221.0.128/25 is already being used by a cni configuration: it overlaps 10.221.0.0/24',
    },
    {
      ...v4({ subnet: '10.88.7.0/24' }),
      status: 409,
      message: 'subnet 10.88.7.0/24 is already used on the host or by another config: it overlaps 10.88.0.0/16',
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
