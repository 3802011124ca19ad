import t from 'tap';
import { NetworkError, errorCodes, type ErrorKind } from '../../src/model/errors.js';
import { errorSamples } from './error-samples.js';

/** A record, so that the compiler asks for every kind. */
const kinds: Readonly<Record<ErrorKind, true>> = {
  invalid: true,
  notFound: true,
  ambiguous: true,
  exists: true,
  inUse: true,
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
