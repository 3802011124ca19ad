import { Value } from '@sinclair/typebox/value';
import { PoolReportBody } from '../../api/podnetd/pools.js';
import { isDrawable } from '../drawing/blocks.js';

/** Whether a body is a report that can be drawn: its sender may be another program, or another podnetd. */
export function isReport(body: unknown): body is PoolReportBody {
  return Value.Check(PoolReportBody, body) && body.pools.every(isDrawable);
}
