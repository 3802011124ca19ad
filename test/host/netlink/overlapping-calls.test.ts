import path from 'node:path';
import t, { type Test } from 'tap';
import { makeNetns } from '../../support/netns.js';
import { missing } from '../../support/tools.js';

/** Previews read the kernel's tables beside a change that reads them, asks for a bridge or removes one; each gets its own answer. */
const skip = missing('ip', 'nsenter');

const built = path.resolve(import.meta.dirname, '../../../dist/host/netlink/rtnetlink.js');

const prelude = `
import { execFileSync } from 'node:child_process';
import { RtNetlink } from ${JSON.stringify(built)};
const kernel = new RtNetlink();
const ip = (...args) => execFileSync('ip', args);
const names = ({ links }) => links.map(({ name }) => name);
const print = (value) => console.log(JSON.stringify(value));
`;

async function run(t: Test, program: string): Promise<unknown> {
  const netns = makeNetns(t);
  const { code, stdout, stderr } = await netns.run(process.execPath, ['--input-type=module', '-e', prelude + program]);
  t.equal(code, 0, stderr);
  return JSON.parse(stdout) as unknown;
}

t.test('calls at once each get the whole of their own answer', { skip }, async (t) => {
  const rounds = await run(
    t,
    `
    for (let number = 0; number < 20; number += 1) ip('link', 'add', 'old' + number, 'type', 'bridge');
    const rounds = [];
    for (let round = 0; round < 20; round += 1) {
      ip('link', 'add', 'new' + round, 'type', 'bridge');
      const calls = [1, 2, 3, 4].map(async () => names(await kernel.readFacts()).includes('new' + round));
      calls.push(kernel.removeBridge('old' + round));
      calls.push(kernel.readFacts().then((facts) => names(facts).includes('old' + round)));
      rounds.push(await Promise.all(calls.map((call) => call.catch(({ message }) => message))));
    }
    print(rounds);
  `,
  );
  const wanted = [true, true, true, true, 'removed', false];
  t.strictSame(
    rounds,
    Array.from({ length: 20 }, () => wanted),
  );
});

t.test('a question for a bridge during a dump takes no notification from the next one', { skip }, async (t) => {
  const found = await run(
    t,
    `
    await kernel.readFacts();
    ip('link', 'add', 'br1', 'type', 'bridge');
    const reading = kernel.readFacts();
    ip('link', 'add', 'br2', 'type', 'bridge');
    const may = kernel.mayHave('br2');
    await reading;
    print({ may, names: names(await kernel.readFacts()) });
  `,
  );
  t.strictSame(found, { may: true, names: ['lo', 'br1', 'br2'] });
});
