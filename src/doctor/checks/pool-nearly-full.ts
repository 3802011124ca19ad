import { formatCidr } from '../../ip/cidr.js';
import { declareCheck } from './check.js';

export const poolNearlyFull = declareCheck({
  code: 'pool-nearly-full',
  severity: 'warning',
  title: 'A pool of subnets is more than nine tenths full',
  why: 'When it is full, creates that name no subnet get one of the next pool, or fail.',
  fix: undefined,
  follows: [],
  look: ({ pools }) =>
    pools
      .filter(({ total, free }) => (total - free) * 10n > total * 9n)
      .map(({ base, prefixBits, total, free }) => ({
        seen: `${formatCidr(base)}: ${total - free} of ${total} blocks of /${prefixBits} are taken`,
        remedy:
          '"podnetd map" shows who has them; add a pool to subnet_pools in podnetd.toml, and "systemctl reload podnetd"',
        about: [],
      })),
});
