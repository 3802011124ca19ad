import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';

/** The file beside the bundle has the notices of all packages in the bundle, and of those that it loads. */

const root = path.resolve(import.meta.dirname, '../..');
const noticesFile = 'dist/THIRD-PARTY-NOTICES.txt';
const preload = path.join(root, 'test/support/loaded-modules.cjs');
const bundle = path.join(root, 'dist/podnetd.cjs');

function npm(...args: readonly string[]): string {
  return execFileSync('npm', args, { cwd: root, encoding: 'utf8' });
}

/** @returns the text for each package, by name and version */
function readNotices(): ReadonlyMap<string, string> {
  const sections = readFileSync(path.join(root, noticesFile), 'utf8').split('\n-----------\n');
  return new Map(
    sections.flatMap((section) => {
      const [head = '', text = ''] = section.split(/^(?:This package contains|These packages each contain) .*:$/m);
      return [...head.matchAll(/^ - (.+)$/gm)].map(([, name = '']) => [name, text.trim()] as const);
    }),
  );
}

/** @returns name and version of each package that has one of the files */
function packagesOf(files: readonly string[]): readonly string[] {
  const folders = new Set(files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]));
  const names = [...folders].flatMap((folder) => {
    if (folder === undefined) return [];
    const text = readFileSync(path.resolve(root, folder, 'package.json'), 'utf8');
    const { name, version } = JSON.parse(text) as { readonly name: string; readonly version: string };
    return [`${name}@${version}`];
  });
  return [...new Set(names)];
}

function listBundled(t: Test): readonly string[] {
  const scratch = makeScratch(t);
  const metafile = path.join(scratch, 'meta.json');
  npm('run', '-s', 'bundle', '--', `--outfile=${path.join(scratch, 'podnetd.cjs')}`, `--metafile=${metafile}`);
  const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as {
    readonly inputs: Readonly<Record<string, unknown>>;
  };
  return packagesOf(Object.keys(inputs));
}

/** @returns name and version of each package that a daemon loads to make a network, for which it needs locks and the kernel's tables */
async function listLoaded(t: Test): Promise<readonly string[]> {
  const list = path.join(makeScratch(t), 'loaded.json');
  const daemon = await startDaemon(t, { env: { NODE_OPTIONS: `--require=${preload}`, PODNETD_TEST_LOADED: list } });
  t.match(await daemon.ask('POST', '/networks/create', { Name: 'noticed' }), { status: 201 });
  await daemon.stop();
  const files = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
  t.ok(files.includes(bundle));
  return packagesOf(files);
}

const bundled = listBundled(t);

t.test('each package in the bundle, and each that it loads, has its licence in the notices', async (t) => {
  const notices = readNotices();
  const loaded = await listLoaded(t);
  t.ok(
    bundled.length > 30 &&
      ['fastify@', 'pino-pretty@'].every((found) => bundled.some((name) => name.startsWith(found))),
    'the packages in the bundle are found',
  );
  t.match(
    loaded.join(' '),
    /(?=.*\bkoffi@)(?=.*@koromix\/koffi-linux-)(?=.*fs-native-extensions@)/,
    'the packages that the bundle loads are found',
  );
  for (const name of [...bundled, ...loaded]) {
    // A package without a licence text would show the identifier from its package.json.
    t.match(notices.get(name), /(?:\S+\s+){60}/, name);
  }
});

t.test('the notices name the bundled packages and those that npm installs beside them, and no others', async (t) => {
  const beside = npm('ls', '--omit=dev', '--all', '--parseable').trim().split('\n').slice(1);
  t.strictSame([...readNotices().keys()].toSorted(), [...bundled, ...packagesOf(beside)].toSorted());
});

t.test('the same packages make the same bytes, and a package of podnetd has them', async (t) => {
  const again = path.join(makeScratch(t), 'notices.txt');
  npm('run', '-s', 'notices', '--', '--output', again);
  t.equal(readFileSync(again, 'utf8'), readFileSync(path.join(root, noticesFile), 'utf8'));
  const [packed] = JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts')) as readonly [
    { readonly files: readonly { readonly path: string }[] },
  ];
  t.ok(packed.files.some((file) => file.path === noticesFile));
});
