import { readFileSync } from 'node:fs';
import type { Client } from './client.js';
import type { Server } from './peers/server.js';
import { ms, printTable, times } from './print.js';
import { summarise, time } from './statistics.js';

/** The code that V8 made of the program, and the place of its folder on the disk, differ between two processes by more than what is compared. */
const pairs = 5;
const rounds = 10;

interface Size {
  readonly clients: number;
  /** Of each daemon in a round. */
  readonly creates: number;
  /** Rounds before those that are measured. V8 compiles for more than ten thousand creates, in threads that take processor's time from the rest. */
  readonly warmUps: number;
}

const sizes: readonly Size[] = [
  { clients: 32, creates: 320, warmUps: 40 },
  { clients: 1, creates: 25, warmUps: 1 },
];

/** Starts a daemon of one kind. */
type Start = () => Promise<Server>;

/** Milliseconds for a create. */
interface Figures {
  /** Of each round. */
  readonly took: number[];
  /** Of each create. */
  readonly each: number[];
  /** Of the processor, of each round. */
  readonly worked: number[];
}

/** Figures of two daemons that ran side by side. */
type Pair = readonly [off: Figures, on: Figures];

/**
 * Creates of two kinds of daemons, in pairs of processes, and in rounds whose order changes, so that both meet the same state of the machine.
 *
 * @param feature of the second kind, for the head of the table
 */
export async function comparePairs(startOff: Start, startOn: Start, feature: string): Promise<void> {
  const measured = sizes.map((size) => ({ size, pairs: [] as Pair[] }));
  for (let count = 0; count < pairs; count += 1) {
    const isOnFirst = count % 2 === 1;
    const early = await (isOnFirst ? startOn : startOff)();
    const late = await (isOnFirst ? startOff : startOn)();
    const [off, on] = isOnFirst ? [late, early] : [early, late];
    try {
      for (const { size, pairs: done } of measured) done.push(await compare(size, off, on));
    } finally {
      await Promise.all([off.stop(), on.stop()]);
    }
  }
  const rows = measured.flatMap(({ size, pairs: done }) => [
    printRow(`${size.clients} clients`, done, ({ took }) => summarise(took).p50),
    printRow('p50 of each', done, ({ each }) => summarise(each).p50),
    printRow('processor time', done, ({ worked }) => mean(worked)),
  ]);
  printTable(['', 'a create', `with ${feature}`, 'times, median', 'of each pair'], rows);
}

function printRow(name: string, done: readonly Pair[], figure: (figures: Figures) => number): readonly string[] {
  const off = done.map((pair) => figure(pair[0]));
  const on = done.map((pair) => figure(pair[1]));
  const ratios = done.map(([one, other]) => figure(other) / figure(one)).toSorted((a, b) => a - b);
  return [name, ms(mean(off)), ms(mean(on)), times(summarise(ratios).p50), ratios.map(times).join(' ')];
}

async function compare({ clients, creates, warmUps }: Size, off: Server, on: Server): Promise<Pair> {
  const begin = async ({ connect, process }: Server) => ({
    clients: await Promise.all(Array.from({ length: clients }, connect)),
    pid: process.pid ?? 0,
    figures: { took: [], each: [], worked: [] } as Figures,
  });
  const sides = [await begin(off), await begin(on)] as const;
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const before = processorMs(side.pid);
      const each: number[] = [];
      const ms = await time(
        async () => await createAll(side.clients, creates, `c${clients}r${round + warmUps}n`, each),
      );
      if (round < 0) continue;
      side.figures.each.push(...each);
      side.figures.took.push(ms / creates);
      side.figures.worked.push((processorMs(side.pid) - before) / creates);
    }
  }
  return [sides[0].figures, sides[1].figures];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Milliseconds that a process has worked, in its code and for it in the kernel. source: proc_pid_stat(5), USER_HZ */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

async function createAll(clients: readonly Client[], count: number, label: string, each: number[]): Promise<void> {
  let next = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (next < count) {
        const index = next;
        next += 1;
        const create = async () =>
          await client.expect(201, 'POST', '/v1.40/networks/create', { Name: `${label}${index}` });
        each.push(await time(create));
      }
    }),
  );
}
