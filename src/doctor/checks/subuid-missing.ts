import { declareCheck } from './check.js';
import { key } from '../facts/key.js';

export const subuidMissing = declareCheck({
  code: 'subuid-missing',
  severity: 'error',
  title: 'The user has no subordinate ids, or no program that maps them',
  why: 'podnetd cannot make the namespace that the networks of a user are in, so no container can be connected.',
  fix: undefined,
  follows: [],
  look: ({ user }) => {
    if (user?.lack === undefined) return [];
    const { need, reason, remedy } = user.lack;
    return [{ seen: `${need}: ${reason}`, remedy, about: [key.userNamespace] }];
  },
});
