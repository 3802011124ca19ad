import { Value } from '@sinclair/typebox/value';
import { FindingsBody } from '../../api/podnetd/doctor.js';

/** Whether a body is a list of findings: its sender may be another program, or another podnetd. */
export function isFindings(body: unknown): body is FindingsBody {
  return Value.Check(FindingsBody, body);
}
