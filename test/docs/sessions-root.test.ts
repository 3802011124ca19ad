import t from 'tap';
import { missing } from '../support/tools.js';
import { makeRootPlace } from './place.js';
import { runPage } from './run-page.js';

/** Shell blocks of the pages, run by root on a machine of the test's own. */

const skip = missing('ip', 'unshare', 'nsenter', 'curl', 'npm', 'iptables', 'docker', 'podman');

for (const page of ['README.md'])
  t.test(`${page}, run by root`, { skip }, async (t) => await runPage(t, page, await makeRootPlace(t), 'root'));
