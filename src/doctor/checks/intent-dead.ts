import { declareCheck } from './check.js';
import { key } from '../facts/key.js';

export const intentDead = declareCheck({
  code: 'intent-dead',
  severity: 'warning',
  title: 'A process died while it connected or disconnected a container',
  why: 'The network stays in use, and what the plugins had made by then (an address, a link, rules) is kept for nothing.',
  fix: 'ends or undoes the work with the same plugins, as podnetd does at its start',
  follows: [],
  look: ({ attachments }) =>
    attachments.intents
      .filter(({ isHeld }) => !isHeld)
      .map(({ work }) => {
        const { networkName, containerId, containerName = containerId, ifName, path, failure } = work;
        const tried = failure === undefined ? '' : `; the last try to undo it failed: ${failure}`;
        return {
          seen: `${path}: container ${containerName}, interface ${ifName}, network ${networkName}${tried}`,
          remedy: 'podnetd doctor --fix --only intent-dead',
          about: [key.container(networkName, containerId), key.work(networkName)],
          repair: { act: 'finish' },
        };
      }),
});
