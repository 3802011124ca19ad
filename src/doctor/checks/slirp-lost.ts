import { declareCheck } from './check.js';
import { key } from '../facts/key.js';

export const slirpLost = declareCheck({
  code: 'slirp-lost',
  severity: 'error',
  title: "slirp4netns does not run for the user's network namespace",
  why: 'Containers reach each other and nothing outside, and their published ports are closed.',
  fix: undefined,
  follows: ['namespace-lost'],
  look: ({ user }) =>
    user === undefined || !user.isKept || user.isPlugged
      ? []
      : [
          {
            seen: 'the namespace has no link of slirp4netns',
            remedy: 'the next connect or disconnect starts it again: connect any container with podnetd',
            about: [key.userNamespace],
          },
        ],
});
