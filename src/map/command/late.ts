/** The parts of the map that the bundler puts into a file of their own, which a daemon never reads. */
export { printFleetAsJson, printMapAsJson } from './json.js';
export { toPools } from '../drawing/fleet-pools.js';
export { drawPage } from '../page/page.js';
export { isFleet, isReport } from '../source/check-report.js';
export { printFleet } from '../terminal/print-fleet.js';
export { printMap } from '../terminal/print-map.js';
