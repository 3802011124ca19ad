import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import t, { type Test } from 'tap';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';

/** The launcher runs the program from compiled code that is for just this program and this Node, and from the source otherwise. */

const built = path.dirname(daemonScript);
const { digest } = createRequire(import.meta.url)(path.join(built, 'launch.cjs')) as {
  digest(source: Buffer, code: Buffer): Buffer;
};
const digestBytes = 8;
/** source: v8 src/snapshot/code-serializer.h SerializedCodeData, kVersionHashOffset */
const versionOffset = 4;

interface Installed {
  readonly launcher: string;
  readonly program: string;
  readonly cache: string;
}

/** An installation of its own with code that this Node compiled. */
function install(t: Test): Installed {
  const folder = makeScratch(t);
  const at = (name: string) => path.join(folder, name);
  for (const name of ['podnetd.cjs', 'launch.cjs', 'compile.cjs']) copyFileSync(path.join(built, name), at(name));
  symlinkSync(path.resolve(built, '../node_modules'), at('node_modules'));
  const { status, stderr } = spawnSync(process.execPath, [at('compile.cjs')], { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  return { launcher: at('launch.cjs'), program: at('podnetd.cjs'), cache: at('podnetd.cache') };
}

/** @returns the version that the daemon prints, and what the launcher says of the compiled code */
function launch({ launcher }: Installed, ...flags: readonly string[]): { version: string; code: string | undefined } {
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, launcher, '--version'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_DEBUG: 'podnetd' },
  });
  return { version: stdout.trim(), code: /compiled code: (.*)$/m.exec(stderr)?.[1] };
}

/** As printed by the program without its launcher. */
const version = spawnSync(process.execPath, [daemonScript, '--version'], { encoding: 'utf8' }).stdout.trim();
const mismatch = 'is for another program or Node';

t.test('compiled code is used by the Node that compiled it', (t) => {
  t.strictSame(launch(install(t)), { version, code: 'used' });
  t.end();
});

t.test('V8 refuses code that another V8, or one with other flags, has compiled', (t) => {
  const installed = install(t);
  t.strictSame(launch(installed, '--no-lazy-feedback-allocation'), { version, code: 'refused by V8' });
  const code = readFileSync(installed.cache).subarray(digestBytes);
  code.writeUInt32LE(code.readUInt32LE(versionOffset) + 1, versionOffset);
  const source = readFileSync(installed.program);
  writeFileSync(installed.cache, Buffer.concat([digest(source, code), code]));
  t.strictSame(launch(installed), { version, code: 'refused by V8' });
  t.end();
});

t.test('a program that was changed runs as it is, also when its length is the same', (t) => {
  const installed = install(t);
  const text = readFileSync(installed.program, 'latin1');
  const changed = text.replace(/(podnetdVersion="\d+\.\d+\.)\d"/, '$19"');
  t.not(changed, text);
  writeFileSync(installed.program, changed, 'latin1');
  t.strictSame(launch(installed), { version: version.replace(/(?<=^podnetd \d+\.\d+\.)\d/, '9'), code: mismatch });
  t.end();
});

t.test('a cache that is damaged, short, empty or away', async (t) => {
  const installed = install(t);
  const whole = readFileSync(installed.cache);
  for (const place of [0, digestBytes + versionOffset, Math.floor(whole.length / 2), whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[place] = (damaged[place] ?? 0) ^ 0xff;
    writeFileSync(installed.cache, damaged);
    t.strictSame(launch(installed), { version, code: mismatch }, `byte ${place}`);
  }
  const daemon = await startDaemon(t, { script: installed.launcher });
  t.match(await daemon.ask('GET', '/_ping'), { status: 200 }, 'the daemon serves');
  for (const length of [whole.length - 1, digestBytes, 1, 0]) {
    truncateSync(installed.cache, length);
    t.strictSame(launch(installed), { version, code: mismatch }, `${length} bytes`);
  }
  rmSync(installed.cache);
  t.match(launch(installed), { version, code: /^ENOENT/ });
});

t.test('a cache that others may write', (t) => {
  const installed = install(t);
  for (const mode of [0o664, 0o646]) {
    chmodSync(installed.cache, mode);
    t.strictSame(launch(installed), { version, code: 'others may write it' });
  }
  t.end();
});

t.test('the build leaves compiled code', (t) => {
  t.ok(existsSync(path.join(built, 'podnetd.cache')));
  t.end();
});
