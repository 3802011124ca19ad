import { ConfigError } from '../config/config-error.js';
import { readWholeFile } from '../host/files/whole-file.js';
import { NetworkError } from '../model/errors/errors.js';
import { verifyFiles, type Fault } from './verify.js';

/**
 * Runs `podnetd audit verify FILE…`.
 *
 * @returns the findings, a line each, and whether the chain is whole @throws ConfigError for wrong words, and a file that cannot be read
 */
export function runAuditVerify(words: readonly string[]): { readonly text: string; readonly isWhole: boolean } {
  const [action, ...names] = words;
  if (action !== 'verify' || names.length === 0)
    throw new ConfigError(`audit ${words.join(' ')}: the form is podnetd audit verify FILE…`);
  const { lines, head, faults, notes } = verifyFiles(names.map((name) => ({ name, text: read(name) })));
  const say = (kind: string) => (fault: Fault) => `${fault.file}:${fault.line}: ${kind}${fault.reason}\n`;
  const last = head === undefined ? '' : `, the last is number ${head.seq} with the hash ${head.hash}`;
  const verdict = faults.length === 0 ? 'whole' : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  const text = [...notes.map(say('note: ')), ...faults.map(say('')), `${verdict}: ${lines} lines${last}\n`].join('');
  return { text, isWhole: faults.length === 0 };
}

function read(name: string): string {
  const remedy = 'name a file that this user may read';
  try {
    const bytes = readWholeFile(name);
    if (bytes === undefined) throw new ConfigError(`audit verify ${name}: no such file; ${remedy}`);
    return bytes.toString('utf8');
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw new ConfigError(`audit verify: ${error.message}; ${remedy}`, { cause: error });
  }
}
