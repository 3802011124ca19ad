import { reasonOf } from '../host/native-error.js';
import { loadBeside } from '../host/own-process/beside.js';
import type * as Late from '../metrics/late.js';
import { NetworkError } from '../model/errors/errors.js';

const lateFile = 'podnetd-metrics.cjs';

/** Loads the library that prints metrics; Node keeps it for later calls. @throws NetworkError storage without its file */
export function loadMetricsPrinter(): typeof Late.printFamilies {
  try {
    return (loadBeside(lateFile) as typeof Late).printFamilies;
  } catch (cause) {
    const reason = `${reasonOf(cause).split('\n')[0]}; install it beside podnetd.cjs`;
    throw new NetworkError('storageFailed', { path: lateFile, operation: 'load', reason }, { cause });
  }
}
