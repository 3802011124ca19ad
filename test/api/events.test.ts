import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { compatEvents } from '../../src/api/compat/events.js';
import { addEventRoute, type EventWords } from '../../src/api/events.js';
import { libpodV4Events } from '../../src/api/libpod-v4/events.js';
import { compileSerializer } from '../../src/api/serializers.js';
import { compileValidator } from '../../src/api/validators.js';
import { EventLog } from '../../src/network/event-log.js';
import { openEvents } from '../support/event-stream.js';
import { makeScratch } from '../support/scratch.js';
import { makeService, request } from '../support/service.js';

const prune = { action: 'prune', network: undefined, container: undefined } as const;

async function serve(t: Test, words: EventWords) {
  const { service, close } = makeService(makeScratch(t));
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
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  addEventRoute(app, { ...service, events: log }, words);
  const socket = path.join(makeScratch(t), 'socket');
  await app.listen({ path: socket });
  t.teardown(async () => {
    log.close();
    await app.close();
  });
  return { log, follows, socket, service };
}

t.test('a client that does not read is cut when a megabyte waits for it, and nobody waits for it', async (t) => {
  const { log, follows, socket } = await serve(t, compatEvents);
  const reading = await openEvents(t, socket, '/events');
  const deaf = connect(socket);
  deaf.on('error', () => {});
  t.teardown(() => deaf.destroy());
  deaf.write('GET /events HTTP/1.1\r\nHost: d\r\n\r\n');
  await once(deaf, 'readable');
  t.equal(follows.now, 1);
  const count = 20_000;
  for (let told = 0; told < count; told += 1) {
    log.tell(prune);
    if (told % 100 === 0) await nextTurn();
  }
  t.equal((await reading.lines(count)).length, count, 'who reads misses nothing');
  reading.close();
  for (let turns = 0; turns < 10_000 && follows.now > 0; turns += 1) await nextTurn();
  t.equal(follows.now, 0, 'nobody is subscribed any more');
});

t.test('a prune is told after what it removed, and is no event of libpod', async (t) => {
  const { service, close } = makeService(makeScratch(t));
  t.teardown(close);
  await service.create(request('idle'));
  await service.prune(() => true);
  const past = service.events.past();
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
  log.tell(prune);
  const stream = await openEvents(t, socket, '/events?stream=false');
  t.match(await stream.lines(1), [
    { Type: 'network', Action: 'prune', Actor: { ID: '', Attributes: { reclaimed: '0' } } },
  ]);
});

t.test('containers that come and go are named', async (t) => {
  const { service, close } = makeService(makeScratch(t));
  t.teardown(close);
  const { network } = await service.create(request('web'));
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
