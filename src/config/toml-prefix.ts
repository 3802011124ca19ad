import { formatCidr, parseCidr } from '../ip/cidr.js';
import type { Cidr } from '../model/address.js';
import { formatTomlValue, type Refuse } from './toml-document.js';
import type { ValuePath } from './toml-line.js';

/** The prefix that a file names. @throws ConfigError for a text that is none, and for one with host bits */
export function readPrefix(text: string, at: ValuePath, refuse: Refuse): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) return refuse(at, `${formatTomlValue(text)} is not a CIDR`);
  const { address, cidr } = parsed;
  if (address.value !== cidr.base)
    refuse(at, `${formatTomlValue(text)} has host bits set; the prefix is ${formatCidr(cidr)}`);
  return cidr;
}
