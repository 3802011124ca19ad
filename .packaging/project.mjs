import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The source that packages are made from. */

export const root = path.dirname(import.meta.dirname);

const { version: npmVersion } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** The version by the rules of dpkg and rpm, which sort `1.0.0~rc.1` before `1.0.0`. */
export const version = npmVersion.replace('-', '~');

/** The revision of the packaging, for another package of the same source. */
export const revision = '1';

export const maintainer = 'The podnetd maintainers <maintainers@podnetd.invalid>';

/**
 * The time that every file of a package carries, in seconds since 1970: that of the commit, or $SOURCE_DATE_EPOCH where there is no repository.
 * source: https://reproducible-builds.org/specs/source-date-epoch/
 */
export const epoch = readEpoch();

function readEpoch() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given === undefined)
    return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }));
  if (!/^\d+$/.test(given)) throw new Error(`SOURCE_DATE_EPOCH=${given}: it has to be a number of seconds since 1970`);
  return Number(given);
}
