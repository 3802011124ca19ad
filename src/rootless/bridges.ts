import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { findStranger, type BridgeRemoval } from '../host/netlink/links.js';
import { findProgram } from '../host/programs/find-program.js';
import { run } from '../host/programs/run.js';
import { parseAddress } from '../ip/cidr.js';
import type { Address } from '../model/address.js';
import { chain, enter } from './commands.js';

const limits = { timeoutMs: 10_000, maxOutputBytes: 4_000_000 };

/** source: iproute2 ip/ipaddress.c@v6.1.0 (print_linkinfo, with -json -details) */
const Links = Type.Array(
  Type.Object({
    ifname: Type.String(),
    master: Type.Optional(Type.String()),
    linkinfo: Type.Optional(Type.Object({ info_kind: Type.Optional(Type.String()) })),
    addr_info: Type.Optional(Type.Array(Type.Object({ local: Type.Optional(Type.String()) }))),
  }),
);

/**
 * Deletes a bridge without ports in the network namespace of a process, as `host/netlink/rtnetlink` does in podnetd's own.
 *
 * @param keeper id of the process
 * @param gateways addresses that the bridge must have, when another bridge may have the name by now
 */
export async function removeInnerBridge(
  keeper: number,
  name: string,
  gateways?: readonly Address[],
): Promise<BridgeRemoval> {
  const stays = (why: string) => ({ stays: `bridge ${name} stays: ${why}` });
  const ip = findProgram('ip');
  if (ip === undefined) return stays('ip is not in PATH; install the package iproute2');
  const call = async (...args: readonly string[]) => {
    const [file, ...rest] = chain(enter(keeper, 'net'), [ip, ...args]);
    const outcome = await run(file, rest, limits);
    if (outcome.kind === 'ended' && outcome.exitCode === 0) return { text: outcome.stdout };
    return { problem: outcome.kind === 'notStarted' ? outcome.reason : outcome.stderr.trim() || outcome.kind };
  };
  const listed = await call('-json', '-details', 'address', 'show');
  if ('problem' in listed) return stays(listed.problem);
  const links = readLinks(listed.text);
  const link = links.find(({ ifname }) => ifname === name);
  if (link?.linkinfo?.info_kind !== 'bridge') return 'absent';
  const ports = links.filter(({ master }) => master === name).map(({ ifname }) => ifname);
  if (ports.length > 0) return stays(`${ports.join(', ')} is plugged into it`);
  if (gateways !== undefined) {
    const found = (link.addr_info ?? []).flatMap(({ local }) => parseAddress(local ?? '') ?? []);
    const stranger = findStranger(name, found, gateways);
    if (stranger !== undefined) return { stays: stranger };
  }
  const deleted = await call('link', 'delete', 'dev', name, 'type', 'bridge');
  return 'problem' in deleted ? stays(deleted.problem) : 'removed';
}

function readLinks(text: string): typeof Links.static {
  const value: unknown = JSON.parse(text.trim() || '[]');
  // ip prints links that its filter leaves out as empty objects.
  return Array.isArray(value) ? value.filter((link) => Value.Check(Links.items, link)) : [];
}
