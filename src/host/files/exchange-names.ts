import * as fs from 'node:fs';
import path from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { foreignFunctions } from '../own-process/addons.js';
import { codeOf } from '../native-error.js';
import { makeTemporaryName } from './temporary-file.js';

/** Numbers of the system call renameat2, which older C libraries do not wrap; source: linux arch/*\/include/**\/unistd*.h. */
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
/** AT_FDCWD, RENAME_EXCHANGE; source: linux include/uapi/linux/fcntl.h, include/uapi/linux/fs.h */
const currentFolder = -100;
const exchange = 2;

/**
 * Exchanges the names of two files in one folder. Both names have a file at every moment, unless the file system has no such call; see
 * {@link exchangeInSteps}.
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

/** Exchanges two names by renameat2. @throws Error with the code of the kernel; ENOSYS where podnetd does not know the call's number */
export function exchangeAtOnce(a: string, b: string): void {
  const number = callNumbers[process.arch];
  if (number === undefined) throw failure('ENOSYS', `the number of renameat2 is not known on ${process.arch}`);
  const koffi = foreignFunctions();
  call ??= koffi.load(null).func('long syscall(long, ...)') as Call;
  // koffi wants the type of each variadic argument in front of it.
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
 * Exchanges two names on file systems without renameat2's flag (NFS, some FUSE): `b` has a file at every moment, `a` is missing for a while. A
 * program that puts a file at `b` between the two steps loses it, unless the program takes the write lane.
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
