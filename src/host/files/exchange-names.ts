import * as fs from 'node:fs';
import path from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { foreignFunctions } from '../own-process/addons.js';
import { codeOf } from '../native-error.js';
import { makeTemporaryName } from './temporary-file.js';

/** Numbers of renameat2, which libraries of C are late to name; source: linux arch/*\/include/**\/unistd*.h. */
const callNumbers: Readonly<Record<string, number>> = {
  x64: 316,
  arm64: 276,
  riscv64: 276,
  loong64: 276,
  arm: 382,
  ia32: 353,
  ppc64: 357,
  s390x: 347,
};
/** source: linux include/uapi/linux/fcntl.h, include/uapi/linux/fs.h */
const currentFolder = -100;
const exchange = 2;

/**
 * Gives two files of a folder each other's name at one moment: either name has one of the two files at every time.
 *
 * @throws Error with the code of the kernel
 */
export function exchangeNames(a: string, b: string): void {
  try {
    exchangeAtOnce(a, b);
  } catch (error) {
    if (!['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')) throw error;
    exchangeInSteps(a, b);
  }
}

type Call = (...parts: readonly (string | number)[]) => number;

let call: Call | undefined;

export function exchangeAtOnce(a: string, b: string): void {
  const number = callNumbers[process.arch];
  if (number === undefined) throw failure('ENOSYS', 'not known on this processor');
  const koffi = foreignFunctions();
  call ??= koffi.load(null).func('long syscall(long, ...)') as Call;
  // Behind the number, each part of the call is preceded by its type.
  const result = call(
    number,
    'int',
    currentFolder,
    'const char *',
    a,
    'int',
    currentFolder,
    'const char *',
    b,
    'unsigned int',
    exchange,
  );
  if (result === 0) return;
  const [code, words] = getSystemErrorMap().get(-koffi.errno()) ?? [`errno ${koffi.errno()}`, 'unknown'];
  throw failure(code, `${words}, rename '${a}' -> '${b}'`);
}

/**
 * For file systems that cannot (NFS, some FUSE): `b` has either file at every moment, `a` is missing for a while. Another program's file that
 * comes to `b` between the two steps is lost; the write lane keeps out those who take it.
 */
export function exchangeInSteps(a: string, b: string): void {
  const copy = makeTemporaryName(path.dirname(b));
  fs.copyFileSync(b, copy, fs.constants.COPYFILE_EXCL);
  try {
    fs.renameSync(a, b);
  } catch (error) {
    fs.unlinkSync(copy);
    throw error;
  }
  fs.renameSync(copy, a);
}

function failure(code: string, words: string): Error {
  return Object.assign(new Error(`${code}: ${words}`), { code });
}
