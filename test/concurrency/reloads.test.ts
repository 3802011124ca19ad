import t from 'tap';
import { contains, overlaps } from '../../src/ip/cidr.js';
import { cidr } from '../support/addresses.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { reload, reloadReports } from '../support/reload.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';

/** Requests that are under way during a reload get the former settings or the new ones whole, and none is lost. */
const skip = missing('ip', 'nsenter');

const clients = 32;

interface Generation {
  readonly pools: readonly { readonly base: string; readonly size: number }[];
  readonly reserved: readonly string[];
}

/** Every part differs, so that any mix of two makes a subnet that neither of them allows. The reserved half of a pool comes first in its search. */
const generations: readonly Generation[] = [
  {
    pools: [
      { base: '10.50.0.0/16', size: 24 },
      { base: 'fd00:50::/48', size: 64 },
    ],
    reserved: ['10.50.0.0/17', 'fd00:50::/49'],
  },
  {
    pools: [
      { base: '10.60.0.0/16', size: 26 },
      { base: 'fd00:60::/48', size: 80 },
    ],
    reserved: ['10.60.0.0/17', 'fd00:60::/49'],
  },
];

const broken = '[addresses]\nreserved = [{ subnet = "10.0.0.0/8" }]\n';

function print({ pools, reserved }: Generation): string {
  const tables = pools.map(({ base, size }) => `{ base = "${base}", size = ${size} }`);
  const prefixes = reserved.map((subnet) => `{ subnet = "${subnet}", reason = "test" }`);
  return `[addresses]\nsubnet_pools = [${tables.join(', ')}]\nreserved = [${prefixes.join(', ')}]\n`;
}

/** Whether a subnet of each family comes from the pool of the generation, has its size, and touches nothing reserved. */
function fits({ pools, reserved }: Generation, subnets: readonly string[]): boolean {
  return (
    subnets.length === pools.length &&
    pools.every(({ base, size }) =>
      subnets.some((subnet) => {
        const found = cidr(subnet);
        const { family, base: value } = found;
        return found.prefixBits === size && contains(cidr(base), { family, value });
      }),
    ) &&
    !subnets.some((subnet) => reserved.some((prefix) => overlaps(cidr(prefix), cidr(subnet))))
  );
}

interface Asked {
  readonly status: number;
  readonly subnets: readonly string[];
  /** The body of another status than 200, for a report of the test. */
  readonly refusal: string;
}

async function create(daemon: TestDaemon, name: string, query = ''): Promise<Asked> {
  const body = { name, ipv6_enabled: true };
  const { status, text } = await daemon.ask('POST', `/v5.4.2/libpod/networks/create${query}`, body);
  const { subnets = [] } = JSON.parse(text) as { readonly subnets?: readonly { readonly subnet: string }[] };
  return { status, subnets: subnets.map(({ subnet }) => subnet), refusal: status === 200 ? '' : text };
}

t.test(`${clients} clients lose no request to reloads, and no answer mixes two settings`, { skip }, async (t) => {
  const [first, second] = generations as [Generation, Generation];
  const daemon = await startDaemon(t, { netns: makeNetns(t), podnetdToml: print(first) });
  let isOver = false;
  const answers: Asked[] = [];
  const removals: number[] = [];
  const work = async (client: number) => {
    for (let round = 0; !isOver && round < 10_000; round += 1) {
      const name = `n${client}-${round}`;
      answers.push(await create(daemon, `p${name}`, '?dryRun=true'), await create(daemon, name));
      removals.push((await daemon.ask('DELETE', `/v5.4.2/libpod/networks/${name}`)).status);
    }
  };
  const working = Promise.all(Array.from({ length: clients }, async (_, client) => await work(client)));
  const reloads = rounds(20, 200);
  for (let count = 0; count < reloads; count += 1) {
    await reload(daemon, broken);
    await reload(daemon, print(count % 2 === 0 ? second : first));
  }
  await reload(daemon, print(second));
  isOver = true;
  await working;
  t.equal(reloadReports(daemon).length, 2 * reloads + 1, 'each signal was one look at the files');
  t.strictSame(
    answers.filter(({ status }) => status !== 200),
    [],
    'no request failed',
  );
  t.strictSame(
    removals.filter((status) => status !== 200),
    [],
    'no removal failed',
  );
  const by = (generation: Generation) => answers.filter(({ subnets }) => fits(generation, subnets));
  t.strictSame(
    answers.filter(({ subnets }) => !generations.some((generation) => fits(generation, subnets))),
    [],
    'each answer fits the former settings or the new ones',
  );
  t.ok(by(first).length > 0 && by(second).length > 0, 'both were in force');
  t.ok(fits(second, (await create(daemon, 'last')).subnets), 'the last ones stay in force');
  t.strictSame((await daemon.ask('GET', '/podnetd/v1/problems')).json(), []);
});
