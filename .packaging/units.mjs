import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './project.mjs';

/** The units of `systemd/`, as a package has them. */

/**
 * @param {string} name below `systemd/`
 * @param {{ readonly from: string, readonly to: string }} change a line of the unit, which has to be there once
 */
export function changeUnit(name, { from, to }) {
  const text = readFileSync(path.join(root, 'systemd', name), 'utf8');
  const lines = text.split('\n');
  if (lines.filter((line) => line.startsWith(from)).length !== 1)
    throw new Error(`systemd/${name}: one line has to begin with ${from}, because a package changes it`);
  return lines.map((line) => (line.startsWith(from) ? line.replace(from, to) : line)).join('\n');
}

/** @param {string} bin the folder of `podnetd` */
export const program = (bin) => ({ from: 'ExecStart=/usr/local/bin/podnetd', to: `ExecStart=${bin}/podnetd` });

/** A package makes the group, which is empty until the administrator adds a user. */
export const group = { from: '#SocketGroup=podnetd', to: 'SocketGroup=podnetd' };
