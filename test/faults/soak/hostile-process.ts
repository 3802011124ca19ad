import { setTimeout as sleep } from 'node:timers/promises';
import { attacks } from './hostile-clients.js';

/** All attacks at once, again and again, as another user than root, until standard input ends. */

const [socketPath = '', user = ''] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(user));
process.setuid?.(Number(user));

let isOver = false;
process.stdin.resume().on('end', () => (isOver = true));
await Promise.all(
  Object.values(attacks).map(async (attack) => {
    while (!isOver) {
      await attack(socketPath);
      await sleep(50);
    }
  }),
);
process.exit(0);
