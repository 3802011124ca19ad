import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import type { Test } from 'tap';
import { makeScratch } from './scratch.js';

const preload = path.resolve(import.meta.dirname, 'turn-meter.cjs');

/** Measures the turns of a daemon's event loop. */
export interface TurnMeter {
  /** Variables for the daemon. */
  readonly env: Readonly<Record<string, string>>;
  /** @returns processor time of its own thread, in µs, of the longest turn of the event loop while `act` ran and in the one after */
  measure(act: () => Promise<unknown>): Promise<number>;
}

export function makeTurnMeter(t: Test): TurnMeter {
  const socketPath = path.join(makeScratch(t), 'meter.sock');
  return {
    env: { NODE_OPTIONS: `--require=${preload}`, PODNETD_TEST_METER: socketPath },
    async measure(act) {
      const meter = connect(socketPath);
      await once(meter, 'connect');
      const read = async () => {
        meter.write('?');
        const [answer] = (await once(meter, 'data')) as [Buffer];
        return Number(answer.toString());
      };
      // This read resets the meter.
      await read();
      await act();
      const longestUs = await read();
      meter.destroy();
      return longestUs;
    },
  };
}
