import { Value } from '@sinclair/typebox/value';
import { FleetBody } from '../../api/podnetd/fleet.js';
import { PoolReportBody } from '../../api/podnetd/pools.js';
import { isDrawable } from '../drawing/blocks.js';
import { toPools } from '../drawing/fleet-pools.js';

/** Whether a body is a report that can be drawn: its sender may be another program, or another podnetd. */
export function isReport(body: unknown): body is PoolReportBody {
  return Value.Check(PoolReportBody, body) && body.pools.every(isDrawable);
}

/** The same of a fleet. */
export function isFleet(body: unknown): body is FleetBody {
  return Value.Check(FleetBody, body) && toPools(body).every(isDrawable);
}
