import type { FleetBody } from '../../api/podnetd/fleet.js';
import type { MapView } from '../drawing/view.js';

/** The whole report, with where and when it was made. */
export function printMapAsJson({ hostName, at, source, report }: MapView): string {
  return `${JSON.stringify({ host: hostName, at: at.toISOString(), source, ...report }, undefined, 2)}\n`;
}

/** The whole report of a fleet; `host` in it is the id of this host. */
export function printFleetAsJson({ at, source }: Pick<MapView, 'at' | 'source'>, fleet: FleetBody): string {
  return `${JSON.stringify({ at: at.toISOString(), source, ...fleet }, undefined, 2)}\n`;
}
