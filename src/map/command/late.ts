/** The parts of the map that the bundler puts into a file of their own, which a daemon never reads. */
export { printMapAsJson } from './json.js';
export { drawPage } from '../page/page.js';
export { isReport } from '../source/check-report.js';
export { printMap } from '../terminal/print-map.js';
