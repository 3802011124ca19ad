import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserPlace } from './place.js';
import { pagesFor, runPage } from './run-page.js';

/** Shell blocks of the pages, run by a user on a machine of the test's own. */

const skip = missing(
  'ip',
  'unshare',
  'nsenter',
  'curl',
  'npm',
  'iptables',
  'slirp4netns',
  'newuidmap',
  'setpriv',
  'docker',
  'podman',
);

// Two pages build the project.
t.setTimeout(600_000);

const pages = pagesFor('a user');

for (const { name } of pages)
  t.test(`${name}, run by a user`, { skip }, async (t) => await runPage(t, name, await makeUserPlace(t), 'a user'));
