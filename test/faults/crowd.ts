import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { makeTurnMeter, type TurnMeter } from '../support/turn-meter.js';

/**
 * No request may hold the event loop of this daemon. The longest turn for a request is compared with the longest turn for a list of a thousand
 * networks after a change, both in processor time. Such a list takes 1.6 ms, so this many lists are 50 ms of a quiet machine:
 */
const mostLists = 30;
/** Tries, because garbage collection or a neighbour on the processor also makes a turn long; work that grows too fast is long each time. */
const mostTries = 12;

function conflist(number: number): string {
  const subnet = `10.${100 + (number >> 8)}.${number & 255}`;
  const ipam = { type: 'host-local', ranges: [[{ subnet: `${subnet}.0/24`, gateway: `${subnet}.1` }]] };
  const bridge = { type: 'bridge', bridge: `br${number}`, isGateway: true, ipMasq: true, hairpinMode: true, ipam };
  return JSON.stringify({ cniVersion: '0.4.0', name: `n${number}`, plugins: [bridge, { type: 'portmap' }] });
}

export interface Crowd {
  readonly daemon: TestDaemon;
  /** Sends the request and compares the shortest turn of some tries. @returns status and text of the answer */
  check(t: Test, said: string, method: string, url: string, body?: string | (() => string)): Promise<string>;
}

/** Starts a daemon with a thousand networks and a meter of its turns. */
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
      // podnetd may read the file before the request. The network is another one each time, because podnetd keeps files that it has read.
      renameSync(draft, path.join(daemon.folder, 'n5.conflist'));
      await daemon.ask('GET', '/v4.3.1/libpod/networks/json');
    });
  };
  return async () => {
    const lists: number[] = [];
    for (let count = 0; count < 12; count += 1) lists.push(await list());
    // The first lists compile code, read the folder, or find cold caches of the processor.
    return lists.slice(3).toSorted((a, b) => a - b)[4] ?? 0;
  };
}

/** Starts the daemon under check, and beside it the yardstick. */
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
        // Measures the yardstick anew, because the machine may have become slower.
        if (turn > mostLists * yardstick) yardstick = await measureList();
        ratio = Math.min(ratio, turn / yardstick);
      }
      t.ok(ratio <= mostLists, `${said}: ${ratio.toFixed(1)} lists, ${answered.slice(0, 80)}`);
      return answered;
    },
  };
}
