import type { MapView } from '../drawing/view.js';

/** The whole report, with where and when it was made. */
export function printMapAsJson({ hostName, at, source, report }: MapView): string {
  return `${JSON.stringify({ host: hostName, at: at.toISOString(), source, ...report }, undefined, 2)}\n`;
}
