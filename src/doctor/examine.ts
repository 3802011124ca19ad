import { checks } from './checks/all.js';
import { diagnose, type Diagnosis } from './checks/diagnosis.js';
import { gatherFacts } from './gathering/gather.js';
import type { Patient } from './patient/patient.js';

/** All findings on a host; see {@link Doctor.examine}. @throws NetworkError storage */
export async function examine(patient: Patient): Promise<readonly Diagnosis[]> {
  return await diagnose(await gatherFacts(patient), checks);
}

export const codes: readonly string[] = checks.map(({ code }) => code);
