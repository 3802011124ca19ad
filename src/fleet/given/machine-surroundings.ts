import { randomUUID } from 'node:crypto';
import type { Surroundings } from './parts.js';

/** Time and chance of this machine. */
export const machineSurroundings: Surroundings = {
  now: () => performance.now(),
  time: () => new Date(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  makeToken: () => randomUUID(),
};
