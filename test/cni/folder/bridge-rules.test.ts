import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { BridgeRules, writesBridgeRules } from '../../../src/cni/folder/bridge-rules.js';
import type { PlaceProgram } from '../../../src/host/programs/program-call.js';
import { makeNetns, type Netns } from '../../support/netns.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';
import { readRules } from '../../support/traces.js';

/** Rules that firewall or dnsname left for a bridge go, and similar rules stay. */

const skip = missing('ip', 'nsenter', 'iptables', 'ip6tables', 'iptables-restore', 'iptables-save', 'ip6tables-save');

const comment = ['-m', 'comment', '--comment', 'CNI firewall plugin rules (ingressPolicy: same-bridge)'];
const isolated = ['-m', 'comment', '--comment', 'CNI firewall plugin rules (ingressPolicy: isolated)'];
const either = ['-m', 'comment', '--comment', 'CNI firewall plugin rules (ingressPolicy: same-bridge|isolated)'];
const [one, two] = ['CNI-ISOLATION-STAGE-1', 'CNI-ISOLATION-STAGE-2'];

/** Rules as firewall 1.1.1 and 1.9.1, and dnsname 1.3.1, write them. */
const written = (bridge: string): readonly (readonly string[])[] => [
  [one, '-i', bridge, '!', '-o', bridge, ...comment, '-j', two],
  [one, '-i', bridge, '!', '-o', bridge, ...isolated, '-j', two],
  [one, '-i', bridge, '-o', bridge, ...isolated, '-j', 'DROP'],
  [two, '-o', bridge, ...comment, '-j', 'DROP'],
  [two, '-o', bridge, ...either, '-j', 'DROP'],
  ['INPUT', '-i', bridge, '-p', 'udp', '-m', 'udp', '--dport', '53', '-j', 'ACCEPT'],
];

/** Rules of an administrator, of other programs, and of the plugins for all bridges. */
const ofOthers: readonly (readonly string[])[] = [
  ['FORWARD', ...either, '-j', one],
  [one, ...either, '-j', 'RETURN'],
  [two, ...either, '-j', 'RETURN'],
  [one, '-i', 'br1', '-j', 'ACCEPT'],
  [one, '-i', 'br1', '!', '-o', 'br2', ...comment, '-j', two],
  [two, '-o', 'br1', '-j', 'DROP'],
  [two, '-o', 'br+', ...comment, '-j', 'DROP'],
  ['INPUT', '-i', 'br1', '-p', 'udp', '-m', 'udp', '--dport', '5353', '-j', 'ACCEPT'],
  ['INPUT', '-i', 'br1', '-p', 'tcp', '-m', 'tcp', '--dport', '53', '-j', 'ACCEPT'],
  ['INPUT', '-i', 'br1', '-p', 'udp', '-m', 'udp', '--dport', '53', '-j', 'DROP'],
  ['FORWARD', '-i', 'br1', '-p', 'udp', '-m', 'udp', '--dport', '53', '-j', 'ACCEPT'],
  ['OUTPUT', '-o', 'br1', '-j', 'ACCEPT'],
];

async function must(netns: Netns, program: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await netns.run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

async function setUp(t: Test, programs: readonly string[], rules: readonly (readonly string[])[]): Promise<Netns> {
  const netns = makeNetns(t);
  for (const program of programs) {
    for (const chain of [one, two]) await must(netns, program, '-N', chain);
    for (const rule of rules) await must(netns, program, '-A', ...rule);
  }
  return netns;
}

function runnerOf(netns: Netns): PlaceProgram {
  return async ({ file, args }) => {
    const [wrapped, wrappedArgs] = netns.wrap(file, args);
    return await Promise.resolve({ file: wrapped, args: wrappedArgs });
  };
}

t.test('rules of removed bridges go, however often they are there, and no other rule', { skip }, async (t) => {
  const programs = ['iptables', 'ip6tables'];
  const netns = await setUp(t, programs, [...ofOthers, ...written('br10'), ...written('br-two')]);
  const before = await readRules(netns);
  for (const program of programs) {
    for (const rule of [...written('br1'), ...written('br-0.x'), ...written('br1')])
      await must(netns, program, '-A', ...rule);
  }
  const rules = new BridgeRules(runnerOf(netns));
  t.equal(await rules.remove(['br1', 'br-0.x'], true), undefined);
  t.strictSame(await readRules(netns), before);
  t.equal(await rules.remove(['br1'], true), undefined, 'also without any rule');
  t.strictSame(await readRules(netns), before);
});

t.test('the rules of a family that no network has are not listed', { skip }, async (t) => {
  const netns = await setUp(t, ['iptables', 'ip6tables'], written('br1'));
  t.equal(await new BridgeRules(runnerOf(netns)).remove(['br1'], false), undefined);
  t.strictSame([...new Set((await readRules(netns)).map(([family]) => family))], ['1']);
});

t.test('without iptables there are no rules, and a failure is a warning', { skip }, async (t) => {
  const netns = await setUp(t, ['iptables'], written('br1'));
  const nowhere = new BridgeRules(runnerOf(netns), () => undefined);
  t.equal(await nowhere.remove(['br1'], true), undefined);
  const broken = path.join(makeScratch(t), 'iptables');
  writeFileSync(broken, '#!/bin/sh\necho "no table" >&2; exit 4\n');
  chmodSync(broken, 0o755);
  t.equal(
    await new BridgeRules(runnerOf(netns), () => broken).remove(['br1', 'br2'], false),
    `rules for bridge br1, br2 may be left, and the next bridge of the name would have them: ${broken}: no table`,
  );
});

t.test('a rule that another program removes meanwhile keeps no other rule', { skip }, async (t) => {
  const netns = await setUp(t, ['iptables'], written('br1'));
  let runs = 0;
  const runner: PlaceProgram = async (command) => {
    runs += 1;
    // This runs between the list and the removal.
    if (runs === 2) await must(netns, 'iptables', '-D', ...(written('br1')[0] ?? []));
    return await runnerOf(netns)(command);
  };
  t.equal(await new BridgeRules(runner).remove(['br1'], false), undefined);
  t.strictSame(await readRules(netns), []);
});

t.test('only plugins that write such rules count', async (t) => {
  const of = (...plugins: readonly object[]) => writesBridgeRules({ plugins });
  t.notOk(of({ type: 'bridge' }, { type: 'portmap' }, { type: 'firewall', backend: '' }, { type: 'tuning' }));
  t.notOk(of({ type: 'firewall', ingressPolicy: 'open' }, { type: 'firewall', ingressPolicy: '' }));
  t.ok(of({ type: 'bridge' }, { type: 'firewall', ingressPolicy: 'same-bridge' }));
  t.ok(of({ type: 'firewall', ingressPolicy: 'isolated' }));
  t.ok(of({ type: 'bridge' }, { type: 'dnsname' }));
});
