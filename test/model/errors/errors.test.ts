import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { errorCodes } from '../../../src/model/errors/catalogue.js';
import type { ErrorKind } from '../../../src/model/errors/entry.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { errorSamples } from './error-samples.js';

/** A record, so that the compiler asks for every kind. */
const kinds: Readonly<Record<ErrorKind, true>> = {
  invalid: true,
  notFound: true,
  ambiguous: true,
  exists: true,
  inUse: true,
  outdated: true,
  exhausted: true,
  forbidden: true,
  unsupported: true,
  storage: true,
  busy: true,
  plugin: true,
};

t.strictSame(errorCodes.toSorted(), Object.keys(errorSamples).toSorted(), 'every code has its samples');

t.test('every code has a message with its details', async (t) => {
  const messages = new Set<string>();
  for (const code of errorCodes) {
    const error = new NetworkError(code, errorSamples[code]);
    t.ok(error instanceof Error && error.message.trim() !== '', `${code}: ${error.message}`);
    t.ok(kinds[error.kind], `${code}: ${error.kind} is a kind`);
    t.notMatch(error.message, /undefined|\[object|NaN/, `${code}: says every detail`);
    t.ok(error.root !== '', `${code}: has a root`);
    t.equal(error.code, code);
    t.equal(error.name, 'NetworkError');
    messages.add(error.message);
  }
  // The lease range has one text for each end; not found and ambiguous have one for inspect.
  t.equal(messages.size, errorCodes.length, 'no two codes have the same message');
});

t.test('the details are in the text', async (t) => {
  for (const code of errorCodes) {
    // Podman's text is the bare "network not found".
    if (code === 'networkUnknown') continue;
    const { message } = new NetworkError(code, errorSamples[code]);
    const [detail] = Object.values(errorSamples[code]) as unknown[];
    if (typeof detail === 'string' && code !== 'cidrInvalid' && code !== 'addressInvalid')
      t.match(message, detail, code);
  }
});

t.test('each code stands once', async (t) => {
  const folder = path.resolve(import.meta.dirname, '../../../src/model/errors');
  const codes = readdirSync(folder).flatMap((file) =>
    [...readFileSync(path.join(folder, file), 'utf8').matchAll(/^ {2}(\w+): entry\(/gm)].map(([, code]) => code ?? ''),
  );
  t.strictSame(codes.toSorted(), errorCodes.toSorted(), 'in one file of one subject, of which the catalogue has all');
});

t.test('a remedy says something that the message does not', async (t) => {
  for (const code of errorCodes) {
    const { message, remedy } = new NetworkError(code, errorSamples[code]);
    if (remedy === undefined) continue;
    t.notMatch(remedy, /undefined|\[object|NaN|^\s*$|[.\s]$|^[A-Z][a-z]/, `${code}: ${remedy}`);
    t.notOk(message.includes(remedy), `${code}: not said twice`);
  }
});

t.test('a remedy is that of the case', async (t) => {
  const disk = (reason: string) =>
    new NetworkError('storageFailed', { path: '/etc/cni/net.d', operation: 'open', reason }).remedy;
  t.match(disk('ENOSPC: no space left on device'), /^free space .*\/etc\/cni\/net\.d/);
  t.match(disk('EACCES: permission denied'), /"namei -l \/etc\/cni\/net\.d"/);
  t.equal(disk('it is a pipe'), undefined, 'none that is made up');
  const plugin = (msg: string, code = 999) =>
    new NetworkError('pluginFailed', { plugin: 'dhcp', command: 'ADD', code, msg, details: '' }).remedy;
  t.match(plugin('error dialing DHCP daemon: dial unix /run/cni/dhcp.sock: connect: no such file'), /"dhcp daemon"/);
  t.match(
    plugin('failed to locate iptables: exec: "iptables": executable file not found in $PATH'),
    /install iptables/,
  );
  t.match(
    plugin('failed to allocate for range 0: no IP addresses available in range set: 10.89.0.1-10.89.0.2'),
    /\/gc /,
  );
  t.match(plugin('busy', 11), /again later/);
  t.equal(plugin('Link not found'), undefined);
  t.equal(new NetworkError('queryInvalid', errorSamples.queryInvalid).remedy, undefined);
  const query = { ...errorSamples.queryInvalid, rule: 'folder, lock, separated by commas' };
  t.equal(new NetworkError('queryInvalid', query).remedy, 'force takes folder, lock, separated by commas');
  const missing = errorSamples.queryMissing;
  t.equal(new NetworkError('queryMissing', missing).remedy, undefined);
  const ruled = { ...missing, rule: 'a whole number from 0 to 128' };
  t.equal(new NetworkError('queryMissing', ruled).remedy, 'prefix takes a whole number from 0 to 128');
  t.equal(new NetworkError('queryMissing', { ...missing, example: '26' }).remedy, 'for example ?prefix=26');
});

t.test('a misplaced isolate has a text of its own', async (t) => {
  t.equal(
    new NetworkError('optionMisplaced', { option: 'isolate', driver: 'macvlan' }).message,
    'isolate option is only supported with the bridge driver',
  );
});

t.test('roots that Podman clients look for', async (t) => {
  const roots = {
    networkNotFound: 'network not found',
    networkUnknown: 'network not found',
    nameUsed: 'network already exists',
    nameInvalid: 'invalid argument',
    numberInvalid: 'invalid syntax',
  } as const;
  for (const [code, root] of Object.entries(roots) as [keyof typeof roots, string][]) {
    t.equal(new NetworkError(code, errorSamples[code]).root, root, code);
  }
});

t.test('a cause is kept', async (t) => {
  const cause = new Error('ENOSPC');
  t.equal(new NetworkError('storageFailed', errorSamples.storageFailed, { cause }).cause, cause);
});
