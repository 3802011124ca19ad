import { isatty } from 'node:tty';
import { createInterface } from 'node:readline/promises';
import type { Config } from '../config/config.js';
import type { HostRelease } from '../fleet/host-release.js';
import { print } from '../host/own-process/print.js';
import { makePrintable } from '../host/own-process/printable.js';
import { formatCidr } from '../ip/cidr.js';
import { loadFleet } from '../wiring/load-fleet.js';
import { RosterError } from './roster-error.js';

/** Blocks that a text names at most. */
const mostNamed = 20;

/**
 * Gives back the claims of a host that is gone for good, straight in the store. It shows them first, and asks on a terminal.
 *
 * @returns the exit code: 1 where nothing was given back because the user said no @throws ConfigError, RosterError
 */
export async function releaseHost(
  { host, isConfirmed }: { readonly host: string; readonly isConfirmed: boolean },
  { fleet }: Pick<Config, 'fleet'>,
): Promise<number> {
  if (fleet?.kind !== 'store')
    throw new RosterError(
      `fleet release ${host}: podnetd.toml names no store of a fleet; write its endpoints into the table [fleet]`,
    );
  const found = await ask(host, async () => await loadFleet().findHostToRelease(fleet, host));
  refuseUnknown(found);
  if (found.isAlive) throw alive(found);
  print(describe(found));
  if (!isConfirmed && !(await confirm(host))) return 1;
  const freed = await ask(host, async () => await found.release());
  if (freed === 'alive') throw alive(found);
  print(`${freed.length === 1 ? '1 block is' : `${freed.length} blocks are`} free for other hosts.\n`);
  return 0;
}

function refuseUnknown({ host, name, blocks }: HostRelease): void {
  if (name !== undefined || blocks.length > 0) return;
  throw new RosterError(`fleet release ${host}: the fleet has no such host; podnetd fleet status lists their ids`);
}

function alive({ host, name }: HostRelease): RosterError {
  const shown = name === undefined || name === host ? host : `${host} (${name})`;
  return new RosterError(
    `fleet release ${shown}: its heartbeat lives; stop podnetd there, which ends the heartbeat, or wait three minutes after the machine is gone`,
  );
}

function describe({ host, name, lastSeen, blocks }: HostRelease): string {
  const named = blocks.slice(0, mostNamed).map(formatCidr).join(', ');
  const others = blocks.length - mostNamed;
  const seen =
    lastSeen === undefined ? 'its last heartbeat is not known' : `its last heartbeat was at ${lastSeen.toISOString()}`;
  return (
    `Host ${makePrintable(host)}${name === undefined ? '' : `, ${makePrintable(name)}`}: ${seen}.\n` +
    `It has ${blocks.length === 1 ? '1 block' : `${blocks.length} blocks`}: ${named}${others > 0 ? ` and ${others} more` : ''}.\n` +
    'Other hosts will get them. If the host comes back with networks there, they collide.\n'
  );
}

/** @throws RosterError without a terminal */
async function confirm(host: string): Promise<boolean> {
  if (!isatty(0) || !isatty(1))
    throw new RosterError(`fleet release ${host}: without a terminal podnetd can ask no user; confirm it with --yes`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(?:es)?$/i.test((await lines.question('Give them back? [y/N] ')).trim());
  } finally {
    lines.close();
  }
}

/** An error of the late file is of a class of its own. */
async function ask<T>(host: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'StoreError') throw cause;
    throw new RosterError(`fleet release ${host}: etcd cannot be asked: ${cause.message}`, { cause });
  }
}
