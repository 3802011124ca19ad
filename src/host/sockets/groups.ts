import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { promisify } from 'node:util';

/** The next number is -1 to the kernel, which means no change. */
const highestGroupId = 2 ** 32 - 2;

const localGroups = '/etc/group';

/** The number of a group, given by name or number; undefined when no group has the name. */
export async function findGroupId(group: string): Promise<number | undefined> {
  if (/^\d{1,10}$/.test(group) && Number(group) <= highestGroupId) return Number(group);
  return (
    findGroupEntry(group, fs.existsSync(localGroups) ? fs.readFileSync(localGroups, 'utf8') : '') ??
    findGroupEntry(group, await readGroupDatabase(group))
  );
}

function findGroupEntry(group: string, database: string): number | undefined {
  const fields = database.split('\n').map((line) => line.split(':'));
  const gid = fields.find(([name]) => name === group)?.[2];
  return gid === undefined ? undefined : Number(gid);
}

/** The entry by the C library, which alone knows the groups of a directory service. */
async function readGroupDatabase(group: string): Promise<string> {
  try {
    return (await promisify(execFile)('getent', ['group', '--', group], { timeout: 5_000 })).stdout;
  } catch {
    return '';
  }
}
