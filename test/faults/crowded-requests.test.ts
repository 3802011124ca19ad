import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { limits } from '../../src/api/limits.js';
import { bounds } from '../../src/model/bounds.js';
import { isCountable, isMap, listBodyParts, writeMembers } from '../support/body-schemas.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { missing } from '../support/tools.js';
import { makeTurnMeter, type TurnMeter } from '../support/turn-meter.js';

/**
 * No request holds the event loop, whatever is in it: the longest turn that it makes is compared with that of a list of a thousand networks
 * after a change, both in time of the processor. Such a list takes 1.6 ms where a quiet machine took 50 ms for this many:
 */
const mostLists = 30;
/** A turn is long also by the collector of garbage or a neighbour on the processor; work that grows too fast is long each time. */
const mostTries = 12;

const skip = missing('ip', 'nsenter');

// Half a minute on a machine that has nothing else to do.
t.setTimeout(600_000);

function conflist(number: number): string {
  const subnet = `10.${100 + (number >> 8)}.${number & 255}`;
  const ipam = { type: 'host-local', ranges: [[{ subnet: `${subnet}.0/24`, gateway: `${subnet}.1` }]] };
  const bridge = { type: 'bridge', bridge: `br${number}`, isGateway: true, ipMasq: true, hairpinMode: true, ipam };
  return JSON.stringify({ cniVersion: '0.4.0', name: `n${number}`, plugins: [bridge, { type: 'portmap' }] });
}

interface Crowd {
  readonly daemon: TestDaemon;
  /** Asks and compares the shortest of some tries. @returns status and text of the answer */
  check(t: Test, said: string, method: string, url: string, body?: string | (() => string)): Promise<string>;
}

/** A daemon with a thousand networks whose turns are measured. */
async function startCrowded(t: Test): Promise<{ readonly daemon: TestDaemon; readonly meter: TurnMeter }> {
  const meter = makeTurnMeter(t);
  const daemon = await startDaemon(t, { env: meter.env, netns: makeNetns(t) });
  for (let number = 0; number < 1_000; number += 1) {
    writeFileSync(path.join(daemon.folder, `n${number}.conflist`), conflist(number));
  }
  return { daemon, meter };
}

/** @returns a measure of the longest turn, in µs, of a list here and now, by a daemon that gets no other request */
async function makeYardstick(t: Test): Promise<() => Promise<number>> {
  const { daemon, meter } = await startCrowded(t);
  const draft = path.join(daemon.folder, '..', 'draft');
  let networks = 1_000;
  const list = async () => {
    writeFileSync(draft, conflist(networks));
    networks += 1;
    return await meter.measure(async () => {
      // podnetd may look at it before it is asked. It is another network each time: what a file said before costs nothing.
      renameSync(draft, path.join(daemon.folder, 'n5.conflist'));
      await daemon.ask('GET', '/v4.3.1/libpod/networks/json');
    });
  };
  return async () => {
    const lists: number[] = [];
    for (let count = 0; count < 12; count += 1) lists.push(await list());
    // The first ones compile and read the folder, or find the caches of the processor cold.
    return lists.slice(3).toSorted((a, b) => a - b)[4] ?? 0;
  };
}

/** A daemon that is asked what is to be checked, and beside it the yardstick. */
async function crowd(t: Test): Promise<Crowd> {
  const measureList = await makeYardstick(t);
  const { daemon, meter } = await startCrowded(t);
  await daemon.ask('GET', '/v4.3.1/libpod/networks/json');
  let yardstick = await measureList();
  t.ok(yardstick > 0, `a list takes ${yardstick} µs`);
  return {
    daemon,
    async check(t, said, method, url, body) {
      let answered = '';
      let ratio = Infinity;
      for (let tries = 0; tries < mostTries && ratio > mostLists; tries += 1) {
        const sent = typeof body === 'function' ? body() : body;
        const turn = await meter.measure(async () => {
          const { status, text } = await daemon.ask(method, url, sent);
          answered = `${status} ${text}`;
        });
        // A machine that has become slower since is slower for both.
        if (turn > mostLists * yardstick) yardstick = await measureList();
        ratio = Math.min(ratio, turn / yardstick);
      }
      t.ok(ratio <= mostLists, `${said}: ${ratio.toFixed(1)} lists, ${answered.slice(0, 80)}`);
      return answered;
    },
  };
}

/** As many entries as a body has room for. */
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
const hasMember = (place: string) => (part: { readonly place: string }) => part.place.split('.').at(-1) === place;

t.test('every list and every map of every body has a bound', async (t) => {
  const countable = parts.filter(({ schema }) => isCountable(schema));
  t.ok(countable.length > 25 && countable.some(hasMember('AuxiliaryAddresses')), 'they are found');
  for (const { operationId, place, schema } of countable) {
    const bound = schema.maxItems ?? schema.maxProperties ?? Infinity;
    t.ok(bound > 0 && bound < bounds.bodyValues, `${operationId}: ${place} has at most ${bound}`);
  }
});

t.test(
  'at its bound each is taken or refused for another reason, and one beyond it is refused by its name',
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

t.test('a body as long as may be holds nobody up', { skip }, async (t) => {
  const { check, daemon } = await crowd(t);
  for (const { operationId, method, url, place, schema, write } of parts) {
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
      for (const text of ['x', '9', ':', 'a:', '.', ',', '<', String.raw`\"`, String.raw`\u00e9`]) {
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
    'nothing was a bug',
  );
});

t.test('members that come again and again are merged in time, and few of them', { skip }, async (t) => {
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
    ['more of them', many(half + 1, () => '"labels":{"a":""}'), 'the body has the same key more than once'],
    ['as many as there are', many(bounds.bodyValues / 2 - 1, (index) => `"labels":{"${index}":""}`), 'more than once'],
  ];
  for (const [said, members, answer] of bodies) {
    t.match(await check(t, said, 'POST', url, `{${members.join(',')}}`), answer, said);
  }
});

t.test('networks with everything at its bound are made, read, listed and found again in time', { skip }, async (t) => {
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
  for (const name of ['wide', 'options', 'reserved']) {
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
