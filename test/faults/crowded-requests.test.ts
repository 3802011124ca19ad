import { utimesSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { limits } from '../../src/api/limits.js';
import { bounds } from '../../src/model/bounds.js';
import { isCountable, isMap, listBodyParts, writeMembers } from '../support/body-schemas.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { crowd } from './crowd.js';

/** No request holds the event loop, with any body. */

const skip = missing('ip', 'nsenter');

// Half a minute on a quiet machine.
t.setTimeout(600_000);

/** A text with as many entries as a body has room for. */
function fill(entry: (index: number) => string, before: string, after: string): string {
  const entries: string[] = [];
  let length = before.length + after.length;
  for (let index = 0; ; index += 1) {
    const next = entry(index);
    length += next.length + 1;
    if (length > limits.bodyBytes) return `${before}${entries.join(',')}${after}`;
    entries.push(next);
  }
}

const parts = listBodyParts();
/** Each of a long value; `npm test` sends each member three of them, by turns. */
const longTexts = ['x', '9', ':', 'a:', '.', ',', '<', String.raw`\"`, String.raw`\u00e9`];
const hasMember = (place: string) => (part: { readonly place: string }) => part.place.split('.').at(-1) === place;

t.test('every list and every map of every body has a bound', async (t) => {
  const countable = parts.filter(({ schema }) => isCountable(schema));
  t.ok(countable.length > 25 && countable.some(hasMember('AuxiliaryAddresses')), 'the lists and maps are found');
  for (const { operationId, place, schema } of countable) {
    const bound = schema.maxItems ?? schema.maxProperties ?? Infinity;
    t.ok(bound > 0 && bound < bounds.bodyValues, `${operationId}: ${place} has at most ${bound}`);
  }
});

t.test(
  'a list or map at its bound is not refused for its size, and one entry more is refused by name',
  { skip },
  async (t) => {
    const { check } = await crowd(t);
    for (const { operationId, method, url, place, schema, write } of parts) {
      if (!isCountable(schema)) continue;
      const bound = schema.maxItems ?? schema.maxProperties ?? 0;
      const said = `${operationId}: ${place}`;
      const beyond = `${place} has ${bound + 1} entries, at most ${bound} are allowed`;
      const within = await check(t, `${said} at its bound`, method, url, write(writeMembers(schema, bound)));
      t.notMatch(within, 'entries, at most', said);
      t.match(await check(t, `${said} beyond it`, method, url, write(writeMembers(schema, bound + 1))), beyond, said);
    }
  },
);

t.test('a body of the largest size delays no other request', { skip }, async (t) => {
  const { check, daemon } = await crowd(t);
  for (const [index, { operationId, method, url, place, schema, write }] of parts.entries()) {
    const said = `${operationId}: ${place || 'the whole'}`;
    const [before = '', after = ''] = write('\0').split('\0');
    const room = limits.bodyBytes - before.length - after.length;
    if (isMap(schema)) {
      const named = fill((index) => `"${index.toString(36)}":""`, `${before}{`, `}${after}`);
      t.match(await check(t, `${said}, many`, method, url, named), /has \d+ entries, and the body \d+ values in all/);
      await check(
        t,
        `${said}, the same again`,
        method,
        url,
        fill(() => '"a":""', `${before}{`, `}${after}`),
      );
      await check(
        t,
        `${said}, long keys`,
        method,
        url,
        fill((at) => `"${at}${'k'.repeat(500)}":"v"`, `${before}{`, `}${after}`),
      );
    } else if (isCountable(schema)) {
      for (const item of ['{}', '""', '0', '[]']) {
        t.match(
          await check(
            t,
            `${said}, many ${item}`,
            method,
            url,
            fill(() => item, `${before}[`, `]${after}`),
          ),
          'entries',
        );
      }
    } else if (schema.type === 'string') {
      for (const text of longTexts.filter((_, at) => (at + index) % rounds(3, 1) === 0)) {
        const long = text.repeat(Math.floor((room - 2) / text.length));
        await check(t, `${said}, many of ${text}`, method, url, `${before}"${long}"${after}`);
      }
    }
    if (place !== '') continue;
    await check(
      t,
      `${said}, unknown members`,
      method,
      url,
      fill((index) => `"${index.toString(36)}":0`, '{', '}'),
    );
    await check(t, `${said}, spaces`, method, url, `{${' '.repeat(room - 2)}}`);
    await check(t, `${said}, arrays in arrays`, method, url, `{"x":${'['.repeat(room - 5)}`);
    await check(
      t,
      `${said}, no end`,
      method,
      url,
      fill((index) => `"${index}":""`, '{', ''),
    );
  }
  t.strictSame(
    daemon.log().filter(({ level, outcome }) => Number(level) >= 50 || outcome === 'internal'),
    [],
    'podnetd logged no bug',
  );
});

t.test('repeated members are merged in time up to their bound', { skip }, async (t) => {
  const { check } = await crowd(t);
  const url = '/v4.3.1/libpod/networks/create';
  const many = (count: number, entry: (index: number) => string) => Array.from({ length: count }, (_, at) => entry(at));
  const half = Math.floor(bounds.repeatedValues / 2);
  const lists = (count: number) => [
    `"subnets":[${many(500, () => '{}').join(',')}]`,
    ...many(count, () => '"subnets":[{}]'),
  ];
  const bodies: readonly (readonly [said: string, members: readonly string[], answer: string | RegExp])[] = [
    ['labels one by one', many(half, (index) => `"labels":{"${index}":""}`), /^200/],
    ['the same label', [...many(half - 1, () => '"labels":{"a":""}'), '"driver":"none"'], 'unsupported driver'],
    ['lists', lists(500), 'subnet ip is nil'],
    [
      'more labels than the bound',
      many(half + 1, () => '"labels":{"a":""}'),
      'the body has the same key more than once',
    ],
    [
      'as many labels as a body may have',
      many(bounds.bodyValues / 2 - 1, (index) => `"labels":{"${index}":""}`),
      'more than once',
    ],
  ];
  for (const [said, members, answer] of bodies) {
    t.match(await check(t, said, 'POST', url, `{${members.join(',')}}`), answer, said);
  }
});

t.test('networks with each member at its bound are made, read, listed and filtered in time', { skip }, async (t) => {
  const { check, daemon } = await crowd(t);
  const record = (count: number, value: (index: number) => string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value(index)]));
  const labels = record(bounds.labels, (index) => `v${index}`);
  const subnetsOf = (round: number) =>
    Array.from({ length: bounds.subnets }, (_, at) => ({ subnet: `${20 + 4 * round + (at >> 8)}.${at & 255}.0.0/24` }));
  const auxiliary = (round: number) =>
    record(bounds.auxiliaryAddresses, (index) => `${130 + round}.0.${(index * 2) >> 8}.${((index * 2) & 255) + 1}`);
  const makers: readonly (readonly [name: string, url: string, body: (name: string, round: number) => object])[] = [
    ['wide', '/v4.3.1/libpod/networks/create', (name, round) => ({ name, subnets: subnetsOf(round), labels })],
    [
      'routed',
      '/v4.3.1/libpod/networks/create',
      (name, round) => ({
        name,
        subnets: subnetsOf(round + 10),
        routes: Array.from({ length: bounds.routes }, (_, at) => ({
          destination: `10.${at >> 8}.${at & 255}.0/24`,
          gateway: `${63 + 4 * round}.255.0.9`,
        })),
        network_dns_servers: Array.from({ length: bounds.dnsServers }, (_, at) => `10.99.${at >> 8}.${at & 255}`),
      }),
    ],
    ['options', '/networks/create', (Name) => ({ Name, Labels: labels, Options: labels })],
    [
      'reserved',
      '/networks/create',
      (Name, round) => ({
        Name,
        IPAM: {
          Config: [
            { Subnet: `${130 + round}.0.0.0/8`, Gateway: `${130 + round}.9.9.9`, AuxiliaryAddresses: auxiliary(round) },
          ],
        },
      }),
    ],
  ];
  for (const [name, url, body] of makers) {
    let round = 0;
    const write = () => {
      const text = JSON.stringify(body(round === 0 ? name : `${name}${round}`, round));
      round += 1;
      return text;
    };
    t.match(await check(t, `create ${name}`, 'POST', url, write), /^20[01]/);
  }
  for (const name of ['wide', 'routed', 'options', 'reserved']) {
    for (const url of [
      `/networks/${name}`,
      `/v4.3.1/libpod/networks/${name}/json`,
      `/v3.2.0/libpod/networks/${name}`,
    ]) {
      t.match(await check(t, `inspect ${url}`, 'GET', url), /^200/);
    }
    const file = path.join(daemon.folder, `${name}.conflist`);
    utimesSync(file, 1, 1);
    await check(t, `a list after ${name} was touched`, 'GET', '/networks');
  }
  const globs = (key: string, value: (index: number) => string) =>
    encodeURIComponent(JSON.stringify({ [key]: Array.from({ length: bounds.filterValues }, (_, at) => value(at)) }));
  for (const [said, filters] of [
    ['labels', globs('label', (index) => `k${index}`)],
    ['absent labels', globs('label!', (index) => `*${index}x*`)],
    ['names', globs('name', (index) => `^x${index}$`)],
  ] as const) {
    t.match(await check(t, said, 'GET', `/networks?filters=${filters}`), /^200/);
  }
  const heavy = encodeURIComponent(JSON.stringify({ id: ['(.?){700}x'] }));
  t.match(await check(t, 'an expression', 'GET', `/networks?filters=${heavy}`), /^200/);
});
