import * as fc from 'fast-check';
import t from 'tap';
import { check } from '../faults/model/checking.js';
import { rounds } from '../support/rounds.js';
import { FleetWorld } from './model/fleet-world.js';

/**
 * Random histories of three hosts over a store that loses answers, applies requests late or twice, refuses, goes down and comes back in an
 * older state, while hosts are killed between any two steps: two hosts never have one block in force unless the store lost a claim, each block in force is in
 * the durable file, and in the end file and store agree, collisions are reported and nothing leaks.
 */

const hosts = ['h0', 'h1', 'h2'];
const onHost = fc.integer({ min: 0, max: hosts.length - 1 });

type Command =
  | { readonly do: 'start' | 'kill' | 'stop' | 'create' | 'releaseHost'; readonly host: number }
  | { readonly do: 'createAt' | 'createForeign' | 'remove'; readonly host: number; readonly at: number }
  | { readonly do: 'events' | 'wait'; readonly count: number }
  | { readonly do: 'save' }
  | { readonly do: 'restore' | 'down'; readonly is: boolean }
  | { readonly do: 'faults'; readonly part: number };

const kind = <K extends Command['do']>(...kinds: K[]) => fc.constantFrom(...kinds);
const at = fc.integer({ min: 0, max: 7 });
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: kind('start', 'create', 'create'), host: onHost }) },
  { weight: 3, arbitrary: fc.record({ do: kind('kill', 'kill', 'stop', 'releaseHost'), host: onHost }) },
  { weight: 6, arbitrary: fc.record({ do: kind('createAt', 'remove', 'remove'), host: onHost, at }) },
  { weight: 1, arbitrary: fc.record({ do: kind('createForeign'), host: onHost, at }) },
  { weight: 12, arbitrary: fc.record({ do: kind('events'), count: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: kind('wait'), count: fc.constantFrom(2_000, 2_000, 70_000, 70_000, 400_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: kind('save') }) },
  { weight: 1, arbitrary: fc.constantFrom<Command>({ do: 'save' }, { do: 'save' }, { do: 'wait', count: 90_000_000 }) },
  { weight: 2, arbitrary: fc.record({ do: kind('restore', 'down', 'down'), is: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: kind('faults'), part: fc.constantFrom(0, 0.1, 0.4) }) },
) as fc.Arbitrary<Command>;

const anyHistory = fc.record({
  seed: fc.integer(),
  commands: fc.array(anyCommand, { minLength: 10, maxLength: 80, size: 'max' }),
});

t.test('random histories', { timeout: 7_200_000 }, async (t) => {
  let claimed = 0;
  await check(
    anyHistory,
    rounds(25, 20_000),
    async ({ seed, commands }) => {
      const world = new FleetWorld(seed, hosts);
      for (const host of world.hosts) world.start(host);
      for (const command of commands) {
        await run(world, command);
      }
      await world.comeToRest();
      // Days take most of the time of a history.
      if (seed % 8 === 0) await world.checkNothingLeaks();
      claimed += world.claimed;
    },
    1,
  );
  t.ok(claimed > 50, 'histories claim', { claimed });
});

async function run(world: FleetWorld, command: Command): Promise<void> {
  const host = 'host' in command ? world.hosts[command.host] : undefined;
  switch (command.do) {
    case 'start':
      if (host) world.start(host);
      break;
    case 'kill':
      if (host) world.kill(host);
      break;
    case 'stop':
      if (host) await world.stop(host);
      break;
    case 'create':
      if (host) world.create(host);
      break;
    case 'releaseHost':
      if (host && host.process === undefined) world.releaseHost(host);
      break;
    case 'createAt':
    case 'createForeign':
      if (host) world.createAt(host, command.at, command.do === 'createForeign');
      break;
    case 'remove':
      if (host) world.remove(host, command.at);
      break;
    case 'events':
      await world.advance({ events: command.count });
      break;
    case 'wait':
      await world.advance({ ms: command.count });
      break;
    case 'save':
      world.save();
      break;
    case 'restore':
      world.restore(command.is);
      break;
    case 'down':
      world.store.isDown = command.is;
      break;
    case 'faults':
      world.store.faults = command.part;
      break;
  }
}
