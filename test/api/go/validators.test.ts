import { Type, type TSchema } from '@sinclair/typebox';
import t from 'tap';
import { compileValidator, foldBody, foldQuery, QueryFault } from '../../../src/api/go/validators.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { CompatCreateBody } from '../../../src/api/compat/schemas.js';
import { V3CreateBody } from '../../../src/api/libpod-v3/schemas.js';
import { V4CreateBody } from '../../../src/api/libpod-v4/schemas.js';

/** A copy with plain objects: `strictSame` does not take null-prototype ones for equal. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function validate(
  schema: TSchema,
  httpPart: 'body' | 'querystring',
  data: unknown,
): { value: unknown } | { reason: string } {
  const verdict = compileValidator({ schema, httpPart, method: 'POST', url: '/' })(data) as
    { value: unknown } | { error: Error };
  if ('value' in verdict) return { value: plain(verdict.value) };
  if (verdict.error instanceof NetworkError && verdict.error.code === 'bodyInvalid')
    return { reason: verdict.error.message };
  if (verdict.error instanceof QueryFault) return { reason: verdict.error.message };
  throw verdict.error;
}

const folded: readonly (readonly [given: string, kept: unknown])[] = [
  ['{}', {}],
  ['{"name":"a"}', { name: 'a' }],
  ['{"NAME":"a","nAmE":"b"}', { name: 'b' }],
  ['{"name":"a","NAME":null}', { name: 'a' }],
  ['{"name":null}', {}],
  ['{"nome":"a","":1,"name ":"x"}', {}],
  ['{"subnets":[{"SUBNET":"10.0.0.0/8","x":1},null]}', { subnets: [{ subnet: '10.0.0.0/8' }, {}] }],
  ['{"subnets":null}', {}],
  ['{"network_dns_servers":[null],"routes":[null]}', { network_dns_servers: [''], routes: [{}] }],
  ['{"SUBNETS":[{"Lease_Range":{"START_IP":"10.0.0.1"}}]}', { subnets: [{ lease_range: { start_ip: '10.0.0.1' } }] }],
  ['{"Labels":{"A":"1","a":"2"}}', { labels: { A: '1', a: '2' } }],
  ['{"labels":{"a":null}}', { labels: { a: '' } }],
  ['{"labels":{}}', { labels: {} }],
  ['{"labels":[]}', { labels: [] }],
  ['{"name":{"x":1}}', { name: { x: 1 } }],
  ['{"routes":[{"DESTINATION":"10.0.0.0/8","Any":1}]}', { routes: [{ destination: '10.0.0.0/8' }] }],
  ['"text"', 'text'],
  ['[]', []],
];

t.test('members get the case that the schema gives them', async (t) => {
  for (const [given, kept] of folded) t.strictSame(plain(foldBody(V4CreateBody, JSON.parse(given))), kept, given);
});

t.test('keys that JavaScript knows do no harm', async (t) => {
  const given =
    '{"__proto__":{"name":"evil","polluted":1},"constructor":{"prototype":{"polluted":1}},"labels":{"__proto__":"p","constructor":"c"}}';
  const body = foldBody(V4CreateBody, JSON.parse(given)) as { labels: object; name?: string };
  t.strictSame(Object.keys(body), ['labels']);
  t.equal(body.name, undefined, 'the body inherits no member');
  t.strictSame(Object.entries(body.labels), [
    ['__proto__', 'p'],
    ['constructor', 'c'],
  ]);
  t.equal(({} as Record<string, unknown>)['polluted'], undefined);
  t.match(validate(V4CreateBody, 'body', JSON.parse('{"labels":{"__proto__":{"polluted":1}}}')), {
    reason: /\.labels\.__proto__ of type string$/,
  });
});

const faults: readonly (readonly [schema: TSchema, given: string, reason: string])[] = [
  [CompatCreateBody, '[]', 'json: cannot unmarshal array into Go value of type types.NetworkCreateRequest'],
  [CompatCreateBody, '"x"', 'json: cannot unmarshal string "x" into Go value of type types.NetworkCreateRequest'],
  [CompatCreateBody, '1', 'json: cannot unmarshal number 1 into Go value of type types.NetworkCreateRequest'],
  [V3CreateBody, '[]', 'json: cannot unmarshal array into Go value of type entities.NetworkCreateOptions'],
  [V4CreateBody, 'true', 'json: cannot unmarshal bool true into Go value of type types.Network'],
  [
    CompatCreateBody,
    '{"name":1}',
    'json: cannot unmarshal number 1 into Go struct field NetworkCreateRequest.Name of type string',
  ],
  [
    CompatCreateBody,
    '{"Internal":"yes"}',
    'json: cannot unmarshal string "yes" into Go struct field NetworkCreateRequest.Internal of type bool',
  ],
  [
    CompatCreateBody,
    '{"Internal":0}',
    'json: cannot unmarshal number 0 into Go struct field NetworkCreateRequest.Internal of type bool',
  ],
  [
    CompatCreateBody,
    '{"IPAM":[]}',
    'json: cannot unmarshal array into Go struct field NetworkCreateRequest.IPAM of type IPAM',
  ],
  [
    CompatCreateBody,
    '{"IPAM":{"Config":{}}}',
    'json: cannot unmarshal object into Go struct field NetworkCreateRequest.IPAM.Config of type []IPAMConfig',
  ],
  [
    V4CreateBody,
    '{"labels":{"a":1}}',
    'json: cannot unmarshal number 1 into Go struct field Network.labels.a of type string',
  ],
  [
    V4CreateBody,
    '{"labels":["a"]}',
    'json: cannot unmarshal array into Go struct field Network.labels of type map[string]string',
  ],
  [
    V4CreateBody,
    '{"subnets":[{},{"subnet":true}]}',
    'json: cannot unmarshal bool true into Go struct field Network.subnets.1.subnet of type string',
  ],
  [
    V4CreateBody,
    '{"network_dns_servers":[1]}',
    'json: cannot unmarshal number 1 into Go struct field Network.network_dns_servers.0 of type string',
  ],
  [
    V3CreateBody,
    '{"Subnet":"10.0.0.0/8"}',
    'json: cannot unmarshal string "10.0.0.0/8" into Go struct field NetworkCreateOptions.Subnet of type net.IPNet',
  ],
  [
    V3CreateBody,
    '{"Subnet":{"Mask":7}}',
    'json: cannot unmarshal number 7 into Go struct field NetworkCreateOptions.Subnet.Mask of type net.IPMask',
  ],
  [
    V4CreateBody,
    `{"name":["${'x'.repeat(100)}"]}`,
    'json: cannot unmarshal array into Go struct field Network.name of type string',
  ],
  [
    V4CreateBody,
    `{"internal":"${'x'.repeat(100)}"}`,
    'json: cannot unmarshal string into Go struct field Network.internal of type bool',
  ],
];

t.test('a wrong type is refused with its place', async (t) => {
  for (const [schema, given, reason] of faults) {
    t.strictSame(validate(schema, 'body', JSON.parse(given)), { reason }, given);
  }
});

t.test('a body is never coerced', async (t) => {
  for (const given of [
    '{"internal":"true"}',
    '{"internal":1}',
    '{"name":1}',
    '{"name":true}',
    '{"labels":{"a":true}}',
  ]) {
    t.match(validate(V4CreateBody, 'body', JSON.parse(given)), { reason: /^json: cannot unmarshal / }, given);
  }
});

t.test('a missing body is reported as EOF', async (t) => {
  t.throws(() => validate(V4CreateBody, 'body', null), { code: 'bodyMissing', root: 'EOF' });
});

const Query = Type.Object({
  name: Type.Optional(Type.String()),
  force: Type.Optional(Type.Boolean()),
  timeout: Type.Optional(Type.Integer({ minimum: 0 })),
});

t.test('query strings decode as with gorilla/schema', async (t) => {
  t.strictSame(plain(foldQuery(Query, { NAME: 'a', other: 'x' })), { name: 'a' });
  t.strictSame(plain(foldQuery(Query, { name: ['a', 'b'] })), { name: 'b' });
  t.strictSame(plain(foldQuery(Query, { name: '1', Name: '2' })), { name: '2' });
  for (const text of ['1', 't', 'T', 'true', 'True', 'TRUE', 'on']) {
    t.strictSame(plain(foldQuery(Query, { force: text })), { force: true }, text);
  }
  for (const text of ['', '0', 'f', 'F', 'false', 'False', 'FALSE']) {
    t.strictSame(plain(foldQuery(Query, { force: text })), { force: false }, JSON.stringify(text));
  }
  t.strictSame(plain(foldQuery(Query, { timeout: '3' })), { timeout: 3 });
  t.strictSame(plain(foldQuery(Query, { timeout: '' })), {});
  const fault = (parameter: string) => ({ reason: `error converting value for "${parameter}"` });
  t.strictSame(validate(Query, 'querystring', { force: 'maybe' }), fault('force'));
  t.strictSame(validate(Query, 'querystring', { timeout: 'soon' }), fault('timeout'));
  t.strictSame(validate(Query, 'querystring', { timeout: '-1' }), fault('timeout'));
  t.strictSame(validate(Query, 'querystring', { name: 'true' }), { value: { name: 'true' } });
  t.strictSame(validate(Query, 'querystring', JSON.parse('{"__proto__":{"name":"x"}}')), { value: {} });
});
