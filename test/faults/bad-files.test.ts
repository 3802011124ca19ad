import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Files that are no networks: podnetd reports each with its reason, shows the good files beside them, and waits for none of them. */

const list = (more: object) =>
  JSON.stringify({ cniVersion: '0.4.0', name: 'x', plugins: [{ type: 'bridge' }], ...more });
const ranged = (range: object) =>
  list({ plugins: [{ type: 'bridge', ipam: { type: 'host-local', ranges: [[range]] } }] });
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Content and the reason, by the name of the file. */
const contents: Readonly<Record<string, readonly [content: string | Buffer, reason: RegExp]>> = {
  'empty.conflist': ['', /end of JSON input/],
  'blank.conflist': [' \n\t', /end of JSON input/],
  'newlines.conflist': ['\n'.repeat(5000), /end of JSON input/],
  'null.conflist': ['null', /null is not an object/],
  'true.conflist': ['true', /boolean is not an object/],
  'number.conflist': ['7', /number is not an object/],
  'string.conflist': ['"x"', /string is not an object/],
  'array.conflist': ['[]', /array is not an object/],
  'open.conflist': ['{', /JSON/],
  'truncated.conflist': [list({}).slice(0, 40), /JSON/],
  'truncated-string.conflist': ['{"name":"x', /JSON/],
  'trailing.conflist': [`${list({})}}`, /JSON/],
  'two.conflist': [`${list({})}\n${list({})}`, /JSON/],
  'comment.conflist': [`// mine\n${list({})}`, /JSON/],
  'single-quotes.conflist': ["{'name':'x'}", /JSON/],
  'trailing-comma.conflist': ['{"name":"x",}', /JSON/],
  'control.conflist': ['{"name":"a\nb"}', /JSON/],
  'yaml.conflist': ['name: x\nplugins:\n- type: bridge\n', /JSON/],
  'bom.conflist': [`\ufeff${list({})}`, /JSON/],
  'utf16.conflist': [Buffer.from(list({}), 'utf16le'), /JSON/],
  'binary.conflist': [Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256)), /JSON/],
  'zeros.conflist': [Buffer.alloc(4096), /JSON/],
  'utf8.conflist': [
    Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    /not a valid name/,
  ],
  'nested.conflist': [nested(100_000), /array is not an object/],
  'nested-inside.conflist': [
    `{"name":"deep","plugins":[{"type":"bridge","ipam":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}]}`,
    /exceeded max depth/,
  ],
  'no-name.conflist': ['{"plugins":[{"type":"bridge"}]}', /no name/],
  'name-null.conflist': [list({ name: null }), /invalid name null/],
  'name-number.conflist': [list({ name: 5 }), /invalid name number/],
  'name-object.conflist': [list({ name: {} }), /invalid name object/],
  'name-empty.conflist': [list({ name: '' }), /"" is not a valid name/],
  'name-space.conflist': [list({ name: 'a b' }), /"a b" is not a valid name/],
  'name-newline.conflist': [list({ name: 'a\nb' }), /"a\\nb" is not a valid name/],
  'name-path.conflist': [list({ name: '../x' }), /"\.\.\/x" is not a valid name/],
  'name-dash.conflist': [list({ name: '-x' }), /"-x" is not a valid name/],
  'name-nul.conflist': [list({ name: 'a\0b' }), /is not a valid name/],
  'no-plugins.conflist': ['{"name":"p1"}', /no 'plugins' key/],
  'plugins-null.conflist': [list({ name: 'p2', plugins: null }), /invalid 'plugins' type null/],
  'plugins-object.conflist': [list({ name: 'p3', plugins: {} }), /invalid 'plugins' type object/],
  'plugins-text.conflist': [list({ name: 'p4', plugins: 'bridge' }), /invalid 'plugins' type string/],
  'plugins-empty.conflist': [list({ name: 'p5', plugins: [] }), /no plugins in list/],
  'plugin-null.conflist': [list({ name: 'p6', plugins: [null] }), /plugin config 0.*missing 'type'/],
  'plugin-text.conflist': [list({ name: 'p7', plugins: ['bridge'] }), /plugin config 0.*missing 'type'/],
  'plugin-typeless.conflist': [list({ name: 'p8', plugins: [{}] }), /plugin config 0.*missing 'type'/],
  'plugin-type-number.conflist': [list({ name: 'p9', plugins: [{ type: 5 }] }), /plugin config 0.*missing 'type'/],
  'plugin-second.conflist': [
    list({ name: 'p10', plugins: [{ type: 'bridge' }, {}] }),
    /plugin config 1.*missing 'type'/,
  ],
  'subnet-text.conflist': [ranged({ subnet: 'junk' }), /invalid CIDR address: junk/],
  'subnet-missing.conflist': [ranged({}), /invalid CIDR address: /],
  'subnet-number.conflist': [ranged({ subnet: 5 }), /invalid CIDR address: /],
  'gateway.conflist': [ranged({ subnet: '10.250.0.0/24', gateway: '?01' }), /failed to parse gateway ip \?01/],
  'range-start.conflist': [ranged({ subnet: '10.250.1.0/24', rangeStart: 'x' }), /failed to parse range start ip x/],
  'range-end.conflist': [ranged({ subnet: '10.250.2.0/24', rangeEnd: '::g' }), /failed to parse range end ip ::g/],
  'duplicate.conflist': [list({ name: 'a-good' }), /the same network name as .*a-good\.conflist/],
};

/** Makers of files that are not plain, or too large, with the reason. */
const others: Readonly<Record<string, readonly [make: (target: string) => void | Promise<void>, reason: RegExp]>> = {
  'folder.conflist': [(target) => mkdirSync(target), /not a regular file/],
  'fifo.conflist': [(target) => void execFileSync('mkfifo', [target]), /not a regular file/],
  'loop.conflist': [(target) => symlinkSync(target, target), /ELOOP/],
  'dangling.conflist': [(target) => symlinkSync('/nowhere', target), /symbolic link to \/nowhere, which is not there/],
  'device.conflist': [(target) => symlinkSync('/dev/zero', target), /not a regular file/],
  'to-folder.conflist': [(target) => symlinkSync('/', target), /not a regular file/],
  'socket.conflist': [
    async (target) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(target, resolve));
      t.teardown(() => server.close());
    },
    /ENXIO|not a regular file/,
  ],
  // Sparse, so that it costs nothing to make.
  'huge.conflist': [
    (target) => {
      writeFileSync(target, '');
      truncateSync(target, 100 * 1024 * 1024);
    },
    /larger than 16777216 bytes/,
  ],
};

/** Files that are strange and networks all the same, or that are none of CNI's. */
const harmless: Readonly<Record<string, string>> = {
  'odd name\n\u001b[31m.conflist': list({ name: 'odd' }),
  'nameless-bridge.conflist': list({ name: 'nameless' }),
  '.hidden.conflist': list({ name: 'hidden' }),
  'a-good.conflist': list({ name: 'a-good' }),
  'README.md': 'not for CNI',
  'a.conflist~': '{',
  '.a.conflist.swp': '{',
  'proto.conflist':
    '{"name":"proto","__proto__":{"polluted":true},"plugins":[{"type":"bridge","constructor":{"prototype":{}}}]}',
};

const count = Object.keys(contents).length + Object.keys(others).length;

t.test(`${count} bad files beside good ones`, async (t) => {
  t.ok(count >= 50);
  const folder = path.join(makeScratch(t), 'net.d');
  mkdirSync(folder);
  const old = (target: string) => utimesSync(target, new Date(0), new Date(0));
  for (const [name, [content]] of Object.entries(contents)) {
    writeFileSync(path.join(folder, name), content);
    old(path.join(folder, name));
  }
  for (const [name, text] of Object.entries(harmless)) writeFileSync(path.join(folder, name), text);
  for (const [name, [make]] of Object.entries(others)) await make(path.join(folder, name));
  linkSync(path.join(folder, 'empty.conflist'), path.join(folder, 'hard-link.conflist'));

  const daemon = await startDaemon(t, { folder });
  const created = await daemon.ask('POST', '/networks/create', { Name: 'made' });
  t.equal(created.status, 201, created.text);
  const names = async () =>
    ((await daemon.ask('GET', '/networks')).json() as readonly { readonly Name: string }[])
      .map(({ Name }) => Name)
      .toSorted();
  const good = ['a-good', 'bridge', 'hidden', 'made', 'nameless', 'odd', 'proto'];
  t.strictSame(await names(), good);
  t.equal((Object.prototype as Record<string, unknown>)['polluted'], undefined);

  interface Problem {
    readonly path: string;
    readonly reason: string;
    readonly line?: number;
  }
  const problems = async () => (await daemon.ask('GET', '/podnetd/v1/problems')).json() as readonly Problem[];
  const told = new Map((await problems()).map((problem) => [path.basename(problem.path), problem]));
  for (const [name, [, reason]] of [...Object.entries(contents), ...Object.entries(others)]) {
    t.match(told.get(name)?.reason, reason, name);
  }
  t.strictSame(
    [...told.keys()].toSorted(),
    [...Object.keys(contents), ...Object.keys(others), 'hard-link.conflist'].toSorted(),
  );
  t.match(told.get('two.conflist'), { line: 2 });
  t.equal((await problems()).length, told.size);
  const warned = daemon.log().filter(({ msg }) => msg === 'file skipped');
  t.equal(warned.length, told.size, 'each bad file is logged once');

  writeFileSync(path.join(folder, 'open.conflist'), list({ name: 'mended' }));
  t.strictSame(await names(), [...good, 'mended'].toSorted(), 'a file that is mended is a network');
  t.notOk((await problems()).some((problem) => problem.path.endsWith('/open.conflist')));
});

/** Takes a lease on a file, for which a blocking open waits until the release, or for 45 seconds. @returns ends the lease */
async function lease(t: Test, target: string): Promise<() => Promise<void>> {
  const program = `
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
f = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(f, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('held', flush=True)
sys.stdin.read()
`;
  const holder = spawn('python3', ['-c', program, target], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  const end = async () => {
    holder.kill('SIGKILL');
    await ended;
  };
  t.teardown(end);
  await Promise.race([once(holder.stdout, 'data'), ended]);
  return end;
}

t.test(
  'a file that cannot be read for now is a problem, and no other file is',
  { skip: missing('python3') },
  async (t) => {
    const daemon = await startDaemon(t);
    const [leased, log] = ['leased', 'log'].map((name) => path.join(daemon.folder, `${name}.conflist`)) as [
      string,
      string,
    ];
    writeFileSync(leased, list({ name: 'leased' }));
    const end = await lease(t, leased);
    symlinkSync('/proc/kmsg', log);
    t.equal((await daemon.ask('POST', '/networks/create', { Name: 'made' })).status, 201);
    for (const url of ['/networks', '/v3.2.0/libpod/networks/json', '/v5.4.2/libpod/networks/json'])
      t.equal((await daemon.ask('GET', url)).status, 200, url);
    const problems = async () => (await daemon.ask('GET', '/podnetd/v1/problems')).json();
    const reason = /^EAGAIN/;
    t.match(await problems(), [
      { path: leased, reason },
      { path: log, reason },
    ]);
    await end();
    t.equal((await daemon.ask('GET', '/networks/leased')).status, 200, 'the file is read after the release');
    t.match(await problems(), [{ path: log, reason }]);
  },
);
