import { ConfigError } from '../config/config-error.js';
import { readLines } from '../host/files/file-lines.js';
import { reasonOf } from '../host/native-error.js';
import { verifyFiles, type Fault } from './verify.js';

/**
 * Runs `podnetd audit verify FILE…`.
 *
 * @param names of the files, the oldest first
 * @returns the findings, a line each, and whether the chain is whole @throws ConfigError for a file that cannot be read
 */
export function runAuditVerify(names: readonly string[]): { readonly text: string; readonly isWhole: boolean } {
  const { lines, head, faults, notes } = verifyFiles(names.map((name) => ({ name, lines: read(name) })));
  const say = (kind: string) => (fault: Fault) => `${fault.file}:${fault.line}: ${kind}${fault.reason}\n`;
  const last = head === undefined ? '' : `, the last is number ${head.seq} with the hash ${head.hash}`;
  const verdict = faults.length === 0 ? 'whole' : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  const text = [...notes.map(say('note: ')), ...faults.map(say('')), `${verdict}: ${lines} lines${last}\n`].join('');
  return { text, isWhole: faults.length === 0 };
}

function* read(name: string): ReturnType<typeof readLines> {
  try {
    yield* readLines(name);
  } catch (error) {
    throw new ConfigError(`audit verify ${name}: ${reasonOf(error)}; name files that this user may read`, {
      cause: error,
    });
  }
}
