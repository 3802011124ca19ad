import { reasonOf } from '../host/native-error.js';
import { loadBeside } from '../host/own-process/beside.js';
import type { ErrorDetails } from '../model/errors/catalogue.js';
import { NetworkError } from '../model/errors/errors.js';
import type { Finding } from '../model/finding.js';
import { DoctorError } from './doctor-error.js';
import type * as Late from './late.js';
import type { Patient } from './patient/patient.js';
import { isRefusal } from './patient/refusal.js';

const lateFile = 'podnetd-doctor.cjs';

/** @throws DoctorError when the file is not beside the bundle */
export function loadDoctor(): typeof Late {
  try {
    return loadBeside(lateFile) as typeof Late;
  } catch (error) {
    const reason = reasonOf(error).split('\n')[0];
    throw new DoctorError(`${lateFile}: not beside podnetd.cjs (${reason}); install it there`, { cause: error });
  }
}

/** The findings on a daemon's host, by the late file. @throws DoctorError without that file, and NetworkError storage */
export async function examineLate(patient: Patient): Promise<readonly Finding[]> {
  const late = loadDoctor();
  try {
    return await late.examine(patient);
  } catch (error) {
    // Its errors are of a class of its own, which the server takes for a bug.
    if (error instanceof NetworkError || !isRefusal(error)) throw error;
    throw new NetworkError('storageFailed', error.details as ErrorDetails['storageFailed'], { cause: error });
  }
}
