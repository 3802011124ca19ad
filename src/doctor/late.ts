/** The doctor, which the bundler puts into a file of its own: a daemon reads it when a client first asks, and no other command does. */
export { isFindings } from './report/check-body.js';
export { printFindings } from './report/print.js';
export { codes, examine } from './examine.js';
export { repairAll } from './repair/repair.js';
