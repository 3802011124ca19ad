import { declareCheck } from './check.js';
import { key } from '../facts/key.js';
import { listNames } from './words.js';

export const namespaceLost = declareCheck({
  code: 'namespace-lost',
  severity: 'error',
  title: "The user's network namespace is gone, and containers were in its networks",
  why: 'The process that kept it was killed. The containers live, and reach neither each other nor the outside.',
  fix: undefined,
  follows: [],
  look: ({ user, attachments }) => {
    if (user === undefined || user.isKept) return [];
    const living = attachments.recorded.filter(({ liveness }) => liveness !== 'gone');
    if (living.length === 0) return [];
    const names = [...new Set(living.map(({ attachment }) => attachment.networkName))];
    return [
      {
        seen: `no process keeps the namespace; containers are on ${listNames('network', names)}`,
        remedy: 'the next connect makes it again and attaches the containers anew: connect any container with podnetd',
        about: [key.userNamespace],
      },
    ];
  },
});
