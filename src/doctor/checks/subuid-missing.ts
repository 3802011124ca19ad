import { declareCheck } from './check.js';
import { key } from '../facts/key.js';

export const subuidMissing = declareCheck({
  code: 'subuid-missing',
  severity: 'error',
  title: 'The user has no subordinate ids',
  why: 'podnetd cannot make the namespace that the networks of a user are in, so no container can be connected.',
  fix: undefined,
  follows: [],
  look: ({ user }) =>
    user?.lack === undefined ? [] : [{ seen: user.lack.reason, remedy: user.lack.remedy, about: [key.userNamespace] }],
});
