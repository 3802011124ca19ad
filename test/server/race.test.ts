import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { ask } from '../support/client.js';
import { programCommand } from '../support/program-command.js';
import { makeScratch } from '../support/scratch.js';
import { startChild, type Child } from './child.js';
import { leaveDeadSocket } from './leftovers.js';

const racerCount = 10;
const roundCount = 20;

t.test('one of many that start at once serves', async (t) => {
  const socket = path.join(makeScratch(t), 'podnetd.sock');
  const options = JSON.stringify({ sockets: [socket] });
  const children = Array.from({ length: racerCount }, () =>
    startChild(t, [...programCommand(path.join(import.meta.dirname, 'server-program.ts')), options], { WAIT: '1' }),
  );
  await Promise.all(children.map(async (child) => t.equal(await child.readLine(), 'loaded')));

  await t.test('ten on a dead socket', async (t) => {
    for (let round = 0; round < roundCount; round += 1) {
      await leaveDeadSocket(socket);
      const winner = await race(t, children, socket);
      winner.send('close');
      t.equal(await winner.readLine(), 'closed');
      t.same(readdirSync(path.dirname(socket)), [], 'nothing is left');
    }
  });

  await t.test('ten and fewer after a kill', async (t) => {
    const alive = new Set(children);
    while (alive.size > 1) {
      const winner = await race(t, [...alive], socket);
      winner.process.kill('SIGKILL');
      t.equal((await winner.ended()).code, 'SIGKILL');
      t.ok(existsSync(socket), 'the killed process left its socket');
      alive.delete(winner);
    }
  });
});

/** @returns the only process that listens */
async function race(t: Test, racers: readonly Child[], socket: string): Promise<Child> {
  for (const racer of racers) racer.send('go');
  const words = await Promise.all(racers.map(async (racer) => await racer.readLine()));
  const won = racers.filter((_racer, index) => words[index] === `listening ${socket}`);
  const refused = words.filter((word) => word === `refused ${socket}: another process is listening on this socket`);
  t.equal(won.length, 1, 'one listens');
  t.equal(refused.length, racers.length - 1, 'all others were refused');
  const [winner] = won;
  if (winner === undefined) throw new Error(`no process listens: ${words.join('; ')}`);
  t.equal(
    (await ask(socket, 'GET', '/pid')).text,
    String(winner.process.pid),
    'clients reach the process that listens',
  );
  return winner;
}
