import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { relocatable, writeProgram } from './launcher.mjs';
import { epoch, root } from './project.mjs';
import { changeUnit, group, program } from './units.mjs';

/**
 * The files of a package as they lie on the user's machine.
 *
 * @typedef {object} Parts what one architecture has in every format
 * @property {string} node path of Node's program
 * @property {string} addons path of a folder `node_modules`
 * @property {string} notices text
 *
 * @typedef {object} Place where a format puts its files
 * @property {string} prefix folder in the package, such as `usr`, or an empty string
 * @property {boolean} relocatable whether the user chooses the folder
 * @property {string} zsh folder below the prefix for completions of zsh
 */

const at = (...names) => path.join(root, ...names);

/**
 * @param {string} target folder to make
 * @param {Parts} parts
 * @param {Place} place
 */
export function writeTree(target, parts, place) {
  const below = (name) => path.join(target, place.prefix, name);
  const write = (name, text, mode = 0o644) => {
    mkdirSync(path.dirname(below(name)), { recursive: true });
    writeFileSync(below(name), text, { mode });
  };
  const copy = (from, to) => cpSync(from, below(to), { recursive: true, dereference: true });

  copy(parts.node, 'lib/podnetd/node');
  copy(parts.addons, 'lib/podnetd/node_modules');
  const node = place.relocatable ? '/usr/local/lib/podnetd/node' : '/usr/lib/podnetd/node';
  const launcher = writeProgram(below('lib/podnetd'), node);
  copy(at('dist/podnetd-doctor.cjs'), 'lib/podnetd/podnetd-doctor.cjs');
  copy(at('dist/podnetd-map.cjs'), 'lib/podnetd/podnetd-map.cjs');
  copy(at('dist/podnetd-metrics.cjs'), 'lib/podnetd/podnetd-metrics.cjs');
  copy(at('dist/podnetd-pretty.cjs'), 'lib/podnetd/podnetd-pretty.cjs');
  if (place.relocatable) write('bin/podnetd', relocatable, 0o755);
  else {
    mkdirSync(below('bin'));
    symlinkSync(`../lib/podnetd/${launcher}`, below('bin/podnetd'));
  }

  const bin = place.relocatable ? '/usr/local/bin' : '/usr/bin';
  for (const [folder, units] of [
    ['system', ''],
    ['user', 'user/'],
  ])
    write(`lib/systemd/${folder}/podnetd.service`, changeUnit(`${units}podnetd.service`, program(bin)));
  write('lib/systemd/system/podnetd.socket', changeUnit('podnetd.socket', group));
  copy(at('systemd/podnetd-read.socket'), 'lib/systemd/system/podnetd-read.socket');
  for (const unit of ['podnetd.socket', 'podnetd-read.socket'])
    copy(at('systemd/user', unit), `lib/systemd/user/${unit}`);
  copy(at('.packaging/sysusers.conf'), 'lib/sysusers.d/podnetd.conf');

  for (const page of readdirSync(at('dist/man')))
    write(`share/man/man${page.at(-1)}/${page}.gz`, gzipSync(readFileSync(at('dist/man', page)), { level: 9 }));
  const completions = {
    'podnetd.bash': 'share/bash-completion/completions/podnetd',
    _podnetd: `${place.zsh}/_podnetd`,
    'podnetd.fish': 'share/fish/vendor_completions.d/podnetd.fish',
  };
  for (const name of readdirSync(at('dist/completions'))) copy(at('dist/completions', name), completions[name]);

  const pages = [
    'README.md',
    ...['openapi', 'systemd'].flatMap((folder) => readdirSync(at(folder)).map((name) => path.join(folder, name))),
  ];
  for (const page of pages.filter((name) => /\.(?:md|yaml)$/.test(name))) copy(at(page), `share/doc/podnetd/${page}`);
  copy(at('systemd/podnetd.logrotate'), 'share/doc/podnetd/examples/podnetd.logrotate');
  write('share/doc/podnetd/THIRD-PARTY-NOTICES.txt', parts.notices);
}

/** Gives every file the mode and time that it has in each build. */
export function normalise(target) {
  const programs = /(?:^|\/)(?:lib\/podnetd\/(?:node|launch\.cjs)|bin\/podnetd|DEBIAN\/(?:pre|post)\w+)$/;
  for (const name of ['', ...readdirSync(target, { recursive: true, encoding: 'utf8' })]) {
    const file = path.join(target, name);
    const stats = lstatSync(file);
    if (!stats.isSymbolicLink()) chmodSync(file, stats.isDirectory() || programs.test(name) ? 0o755 : 0o644);
  }
  execFileSync('find', [target, '-exec', 'touch', '--no-dereference', `--date=@${epoch}`, '{}', '+']);
}
