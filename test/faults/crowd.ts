import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { makeTurnMeter, type TurnMeter } from '../support/turn-meter.js';

/**
 * A daemon whose event loop no request may hold. The longest turn that one makes is compared with that of a list of a thousand networks
 * after a change, both in time of the processor. Such a list takes 1.6 ms where a quiet machine took 50 ms for this many:
 */
const mostLists = 30;
/** A turn is long also by the collector of garbage or a neighbour on the processor; work that grows too fast is long each time. */
const mostTries = 12;

function conflist(number: number): string {
  const subnet = `10.${100 + (number >> 8)}.${number & 255}`;
  const ipam = { type: 'host-local', ranges: [[{ subnet: `${subnet}.0/24`, gateway: `${subnet}.1` }]] };
  const bridge = { type: 'bridge', bridge: `br${number}`, isGateway: true, ipMasq: true, hairpinMode: true, ipam };
  return JSON.stringify({ cniVersion: '0.4.0', name: `n${number}`, plugins: [bridge, { type: 'portmap' }] });
}

export interface Crowd {
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
export async function crowd(t: Test): Promise<Crowd> {
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
