import type { Network, StringMap } from '../../model/network.js';
import type { CompatCreateBody } from './schemas.js';

/**
 * Single members of a create body that a network does not say, or says otherwise: clients compare them with what they send at each run, and
 * make the network anew when one is another.
 */

/** Docker's words for IPAM drivers beside the plugins' own; empty leaves the choice to podnetd. */
export function readIpamDriver(driver: string): string {
  const own: Readonly<Record<string, string>> = { default: '', null: 'none' };
  return Object.hasOwn(own, driver) ? (own[driver] ?? '') : driver;
}

/** What is kept, by Docker's names: nothing that the network will say by itself. */
export function keepMembers(body: CompatCreateBody, saysIpv6: boolean): StringMap {
  const { Driver: driver, Attachable, EnableIPv4, EnableIPv6, Internal, IPAM } = body;
  const isBridge = (driver || 'bridge') === 'bridge';
  const ipamDriver = IPAM?.Driver ?? '';
  const kept = new Map<string, string>();
  if (Attachable === true) kept.set('Attachable', 'true');
  if (EnableIPv4 !== undefined) kept.set('EnableIPv4', String(EnableIPv4));
  if (EnableIPv6 !== undefined && EnableIPv6 !== saysIpv6) kept.set('EnableIPv6', String(EnableIPv6));
  if (Internal === true && !isBridge) kept.set('Internal', 'true');
  if (ipamDriver !== '' && !(isBridge && ipamDriver === 'default')) kept.set('IPAM.Driver', ipamDriver);
  return kept;
}

/** A flag as it was sent, or as the network has it. */
export function showFlag({ docker }: Network, member: string, own: boolean): boolean {
  const kept = docker?.members.get(member);
  return kept === undefined ? own : kept === 'true';
}

/** The driver as it was sent while it means what the file says. */
export function showIpamDriver({ docker, ipamDriver }: Network): string {
  const kept = docker?.members.get('IPAM.Driver');
  const meant = kept === undefined ? undefined : readIpamDriver(kept);
  if (kept !== undefined && (meant === '' || meant === ipamDriver)) return kept;
  return ipamDriver === 'host-local' ? 'default' : (ipamDriver ?? '');
}
