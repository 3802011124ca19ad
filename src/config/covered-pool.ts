import { covers, formatCidr } from '../ip/cidr.js';
import type { Cidr } from '../model/address.js';
import { faultAt, type FilePlace } from './toml-document.js';

/** Refuses a pool that a reserved prefix covers whole. @param place of the pool @throws ConfigError */
export function refuseCovered(
  { base, place }: { readonly base: Cidr; readonly place: () => FilePlace },
  reserved: readonly { readonly prefix: Cidr; readonly reason: string }[],
): void {
  const whole = reserved.find(({ prefix }) => covers(prefix, base));
  if (whole === undefined) return;
  throw faultAt(
    place(),
    `the reserved prefix ${formatCidr(whole.prefix)} (${whole.reason}) covers the pool ${formatCidr(base)} whole, so it would give no subnet; take one of them away`,
  );
}
