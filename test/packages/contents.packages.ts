import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { runProgram } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { checkIntegrity } from '../../.packaging/npm-package.mjs';
import { built, project } from './built.js';

/** The files of the packages, and the linters of the two distributions. */

t.test('lintian finds no error', { skip: missing('lintian') }, async (t) => {
  const { code, stdout } = await runProgram('lintian', ['--allow-root', '--fail-on=error', built('_amd64.deb')]);
  t.equal(code, 0, stdout);
  t.notMatch(stdout, /unused-override/, 'each override is of use');
});

t.test('rpmlint finds no error', { skip: missing('rpmlint') }, async (t) => {
  const config = path.join(project, '.packaging/rpm/rpmlint.toml');
  const { code, stdout } = await runProgram('rpmlint', ['--config', config, built('.x86_64.rpm')]);
  t.equal(code, 0, stdout);
});

t.test('the packages hold what belongs to them', { skip: missing('dpkg-deb', 'rpm', 'tar') }, async (t) => {
  const tree = mkdtempSync(path.join(makeScratch(t), 'deb-'));
  execFileSync('dpkg-deb', ['--extract', built('_amd64.deb'), tree]);
  const doc = path.join(tree, 'usr/share/doc/podnetd');
  const notices = readFileSync(path.join(doc, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const mark of ['Node.js contributors', 'fastify@', 'koffi@', 'koffi-linux-x64@', 'fs-native-extensions@'])
    t.ok(notices.includes(mark), `the notices have ${mark}`);
  const binaries = readdirSync(path.join(tree, 'usr/lib/podnetd'), { recursive: true, encoding: 'utf8' });
  t.strictSame(
    binaries.filter((name) => name.endsWith('.node')).map((name) => path.basename(path.dirname(name))),
    ['linux_x64', 'linux-x64'],
    'addons of one platform alone',
  );
  for (const unit of ['system', 'user'].map((folder) => path.join(tree, 'usr/lib/systemd', folder, 'podnetd.service')))
    t.match(readFileSync(unit, 'utf8'), /^ExecStart=\/usr\/bin\/podnetd /m);
  t.strictSame(
    readdirSync(path.join(doc, 'openapi')).toSorted(),
    readdirSync(path.join(project, 'openapi')).toSorted(),
  );

  const lists = {
    deb: readdirSync(tree, { recursive: true, encoding: 'utf8' }).map((name) => `/${name}`),
    rpm: execFileSync('rpm', ['-qlp', built('.x86_64.rpm')], { encoding: 'utf8' }).split('\n'),
    tar: execFileSync('tar', ['-tzf', built('-linux-amd64.tar.gz')], { encoding: 'utf8' }).split('\n'),
  };
  const pages = [
    /share\/man\/man1\/podnetd\.1\.gz$/,
    /share\/man\/man5\/\S+\.5\.gz$/,
    /share\/man\/man7\/podnetd-api\.7\.gz$/,
    /bash-completion\/completions\/podnetd$/,
    /share\/zsh\/\S+\/_podnetd$/,
    /vendor_completions\.d\/podnetd\.fish$/,
  ];
  for (const [format, names] of Object.entries(lists)) {
    const has = (pattern: RegExp) =>
      t.ok(
        names.some((name) => pattern.test(name)),
        `${format}: ${pattern.source}`,
      );
    for (const pattern of pages) has(pattern);
    has(/\/(?:LICENSE|copyright)$/);
    has(/\/(?:CHANGELOG\.md|changelog\.gz)$/);
  }
});

t.test(
  'every library that the programs need is in a package that the .deb depends on',
  { skip: missing('readelf', 'dpkg-deb') },
  async (t) => {
    const tree = mkdtempSync(path.join(makeScratch(t), 'deb-'));
    execFileSync('dpkg-deb', ['--extract', built('_amd64.deb'), tree]);
    const depends = execFileSync('dpkg-deb', ['--field', built('_amd64.deb'), 'Depends'], { encoding: 'utf8' });
    const lib = path.join(tree, 'usr/lib/podnetd');
    const programs = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(?:^node|\.node)$/.test(name),
    );
    t.equal(programs.length, 3);
    const dynamic = execFileSync('readelf', ['--dynamic', ...programs], { cwd: lib, encoding: 'utf8' });
    const needed = new Set([...dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name = '']) => name));
    t.ok(needed.has('libc.so.6'));
    const owners: Readonly<Record<string, string>> = {
      'libatomic.so.1': 'libatomic1',
      'libstdc++.so.6': 'libstdc++6',
      'libgcc_s.so.1': 'libgcc-s1',
    };
    for (const name of needed) t.ok(depends.includes(owners[name] ?? 'libc6'), name);
    const known = /^(?:lib(?:atomic|stdc\+\+|gcc_s|c|m|dl|pthread|rt)\.so|ld-linux)/;
    t.strictSame(
      [...needed].filter((name) => !known.test(name)),
      [],
    );
  },
);

t.test('bytes that the pin does not name are refused', async (t) => {
  const pin = 'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==';
  checkIntegrity('nothing', Buffer.alloc(0), pin);
  t.throws(
    () => checkIntegrity('one', Buffer.alloc(1), pin),
    /one: the registry sent sha512-.*, and the pin is sha512-z4Ph/,
  );
});
