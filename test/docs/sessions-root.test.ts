import t from 'tap';
import { missing } from '../support/tools.js';
import { makeRootPlace } from './place.js';
import { pagesFor, runPage } from './run-page.js';

/** Shell blocks of the pages, run by root on a machine of the test's own. */

const skip = missing('ip', 'unshare', 'nsenter', 'curl', 'npm', 'iptables', 'docker', 'podman');

// Two pages build the project.
t.setTimeout(600_000);

const pages = pagesFor('root');

for (const { name } of pages)
  t.test(`${name}, run by root`, { skip }, async (t) => await runPage(t, name, await makeRootPlace(t), 'root'));
