import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserPlace } from './place.js';
import { runPage } from './run-page.js';

/** Shell blocks of the pages, run by a user on a machine of the test's own. */

const skip = missing('ip', 'unshare', 'nsenter', 'curl', 'npm', 'iptables', 'slirp4netns', 'newuidmap', 'setpriv', 'docker', 'podman');

for (const page of ['README.md'])
  t.test(`${page}, run by a user`, { skip }, async (t) => await runPage(t, page, await makeUserPlace(t), 'a user'));
