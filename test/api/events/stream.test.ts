import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { compatEvents } from '../../../src/api/compat/events.js';
import { parseAddress } from '../../../src/api/address.js';
import { addEventRoute, type EventWords, type StreamBounds } from '../../../src/api/events/route.js';
import { libpodV4Events } from '../../../src/api/libpod-v4/events.js';
import { compileSerializer } from '../../../src/api/go/serializers.js';
import { compileValidator } from '../../../src/api/go/validators.js';
import type { EventFeed } from '../../../src/network/dependencies/events.js';
import { EventLog, kept } from '../../../src/network/events/event-log.js';
import { ScopedEvents } from '../../../src/network/scope/scoped-events.js';
import { openEvents } from '../../support/event-stream.js';
import { pastEvents } from '../../support/past-events.js';
import { makeScratch } from '../../support/scratch.js';
import { makeService, request } from '../../support/service.js';

const prune = { action: 'prune', network: undefined, container: undefined } as const;

async function serve(
  t: Test,
  words: EventWords,
  bounds: Partial<StreamBounds> = {},
  show: (log: EventLog) => EventFeed = (log) => log,
) {
  const { services, close } = makeService(makeScratch(t));
  t.teardown(close);
  const follows = { now: 0 };
  const log = new EventLog({
    refresh: async () => await Promise.resolve(),
    follow: () => {
      follows.now += 1;
      return () => (follows.now -= 1);
    },
  });
  const app = fastify();
  app.decorateRequest('address');
  app.addHook('onRequest', (request, _reply, done) => {
    request.address = parseAddress(request.originalUrl);
    done();
  });
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  const unbounded: StreamBounds = {
    answerTimeoutMs: 120_000,
    open: () => () => undefined,
    hold: () => () => undefined,
  };
  app.decorate('streamBounds', { ...unbounded, ...bounds });
  addEventRoute(app, show(log), words);
  const socket = path.join(makeScratch(t), 'socket');
  await app.listen({ path: socket });
  t.teardown(async () => {
    log.close();
    await app.close();
  });
  return { log, follows, socket, services };
}

t.test(
  'a client that does not read is cut when the log drops an event before it is sent, and other clients do not wait',
  async (t) => {
    const { log, follows, socket } = await serve(t, compatEvents);
    const reading = await openEvents(t, socket, '/events');
    const deaf = connect(socket);
    deaf.on('error', () => {});
    t.teardown(() => deaf.destroy());
    deaf.write('GET /events HTTP/1.1\r\nHost: d\r\n\r\n');
    await once(deaf, 'readable');
    t.equal(follows.now, 1);
    const count = 20_000;
    for (let emitted = 0; emitted < count; emitted += 1) {
      log.emit(prune);
      if (emitted % 100 === 0) await nextTurn();
    }
    t.equal((await reading.lines(count)).length, count, 'a client that reads misses no event');
    reading.close();
    for (let turns = 0; turns < 10_000 && follows.now > 0; turns += 1) await nextTurn();
    t.equal(follows.now, 0, 'no subscription is left');
  },
);

/** Logs a thousand events, more bytes than podnetd keeps for a client that does not read. @returns the names of their networks */
function tellMuch(log: EventLog): readonly string[] {
  const names = Array.from({ length: 1_000 }, (_, number) => `${number}-${'x'.repeat(1_500)}`);
  for (const name of names) {
    const network = { id: 'id', name, driver: 'bridge', labels: new Map() };
    log.emit({ action: 'create', network, container: undefined } as never);
  }
  return names;
}

const namesOf = (lines: readonly Readonly<Record<string, unknown>>[]) =>
  lines.map((line) => (line['Actor'] as { Attributes: { name?: string } }).Attributes.name ?? line['Action']);

t.test('past events are sent as fast as the client reads, and events of the meantime come behind them', async (t) => {
  const { log, socket } = await serve(t, compatEvents);
  const names = tellMuch(log);
  const whole = await openEvents(t, socket, '/events?stream=false');
  t.same(namesOf(await whole.lines(names.length)), names);
  t.ok(await whole.ended, 'the stream ends complete');

  const slow = await openEvents(t, socket, '/events?since=1');
  slow.response.pause();
  for (let turns = 0; turns < 100; turns += 1) await nextTurn();
  log.emit(prune);
  log.emit(prune);
  slow.response.resume();
  t.same(namesOf(await slow.lines(names.length + 2)), [...names, 'prune', 'prune']);
});

t.test('a client that reads none of the past events is cut in the end', async (t) => {
  const { log, follows, socket } = await serve(t, compatEvents, { answerTimeoutMs: 100 });
  tellMuch(log);
  const deaf = connect(socket);
  t.teardown(() => deaf.destroy());
  deaf.on('error', () => {});
  deaf.write('GET /events?since=1 HTTP/1.1\r\nHost: d\r\n\r\n');
  await once(deaf, 'readable');
  t.equal(follows.now, 1);
  for (let tries = 0; tries < 1_000 && follows.now > 0; tries += 1) await sleep(10);
  t.equal(follows.now, 0);
});

t.test('the event of a prune comes after those of its removals, and libpod has no such event', async (t) => {
  const { networks, services, close } = makeService(makeScratch(t));
  t.teardown(close);
  await networks.create(request('idle'));
  await networks.prune(() => true);
  const past = pastEvents(services.events);
  t.same(
    past.map(({ action, network }) => [action, network?.name]),
    [
      ['create', 'idle'],
      ['remove', 'idle'],
      ['prune', undefined],
    ],
  );
  t.same(
    past.map((event) => libpodV4Events.nameAction(event)),
    ['create', 'remove', undefined],
  );
  const { log, socket } = await serve(t, compatEvents);
  log.emit(prune);
  const stream = await openEvents(t, socket, '/events?stream=false');
  t.match(await stream.lines(1), [
    { Type: 'network', Action: 'prune', Actor: { ID: '', Attributes: { reclaimed: '0' } } },
  ]);
});

t.test('the event of a connect names the container', async (t) => {
  const { networks, close } = makeService(makeScratch(t));
  t.teardown(close);
  const { network } = await networks.create(request('web'));
  const joined = {
    action: 'connect',
    timeNs: 1_500_000_000n,
    network,
    container: { id: 'c0ffee', name: 'db' },
  } as const;
  t.match(compatEvents.write(joined, 'connect'), {
    Actor: { ID: network.id, Attributes: { container: 'c0ffee', name: 'web', type: 'bridge' } },
    time: 1n,
    timeNano: 1_500_000_000n,
  });
  t.match(libpodV4Events.write(joined, 'connect'), {
    status: 'connect',
    id: 'c0ffee',
    Actor: { ID: 'c0ffee', Attributes: { name: 'db', network: 'web' } },
  });
});

t.test('a slow client of past events is not cut because of later ones that its socket does not show', async (t) => {
  const { log, socket } = await serve(t, compatEvents, {}, (all) => new ScopedEvents(all, { key: 'team', value: 'x' }));
  const emit = (team: string, name: string) => {
    const network = { id: 'id', name, driver: 'bridge', labels: new Map([['team', team]]) };
    log.emit({ action: 'create', network, container: undefined });
  };
  // More than the kernel takes for a client that does not read.
  emit('x', 'x'.repeat(1_500_000));
  emit('y', 'lab');
  const slow = connect(socket);
  t.teardown(() => slow.destroy());
  const isOver = once(slow, 'close');
  slow.write('GET /events?since=1&stream=false HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n');
  await once(slow, 'readable');
  // The first event is on its way, and the second one is not.
  await sleep(100);
  for (let times = 0; times < kept.events + 2; times += 1) emit('y', 'lab');
  let text = '';
  slow.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  slow.resume();
  await isOver;
  t.ok(text.endsWith('\r\n0\r\n\r\n'), 'the answer is whole');
});
