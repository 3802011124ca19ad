import fastify from 'fastify';
import t, { type Test } from 'tap';
import { reportWarnings } from '../../src/api/warnings.js';

/** The headers and the log of an answer with these warnings. */
async function answerWith(t: Test, warnings: readonly string[]): Promise<{ header: unknown; log: readonly unknown[] }> {
  const log: unknown[] = [];
  const stream = { write: (line: string) => log.push(JSON.parse(line)) };
  const app = fastify({ logger: { level: 'warn', stream } });
  app.get('/', (request, reply) => {
    reportWarnings(request, reply, 'web', warnings);
    t.equal(request.networkName, 'web', 'the request knows its network');
    return 'done';
  });
  const { headers } = await app.inject('/');
  return { header: headers['warning'], log };
}

t.test('no warning, no header', async (t) => {
  t.strictSame(await answerWith(t, []), { header: undefined, log: [] });
});

t.test('each warning is a header and a line of the log', async (t) => {
  const { header, log } = await answerWith(t, ['first', 'second']);
  t.strictSame(header, ['299 podnetd "first"', '299 podnetd "second"']);
  t.match(log, [
    { level: 40, network: 'web', msg: 'first' },
    { level: 40, network: 'web', msg: 'second' },
  ]);
});

const texts: readonly (readonly [warning: string, quoted: string])[] = [
  ['"a: b" is odd', String.raw`"\"a: b\" is odd"`],
  [String.raw`back\slash`, String.raw`"back\\slash"`],
  ['line\r\nSet-Cookie: x=1', '"line??Set-Cookie: x=1"'],
  ['nul \u0000 tab \t del \u007f', '"nul ? tab ? del ?"'],
  ['é☃', '"??"'],
  ['~ !', '"~ !"'],
];

t.test('a header holds nothing but visible ASCII', async (t) => {
  for (const [warning, quoted] of texts) {
    const { header } = await answerWith(t, [warning]);
    t.strictSame([header].flat(), [`299 podnetd ${quoted}`], JSON.stringify(warning));
  }
});

t.test('many warnings are ten headers, and one that says how many are in the log', async (t) => {
  const ten = Array.from({ length: 10 }, (_, index) => `warning ${index}`);
  t.equal([(await answerWith(t, ten)).header].flat().length, 10, 'ten warnings are ten headers');
  const { header, log } = await answerWith(t, [...ten, 'one', 'two']);
  const headers = [header].flat().map(String);
  t.equal(headers.length, 11);
  t.match(headers[10], /^299 podnetd "2 more warnings are in the log of podnetd for request [^"]+"$/);
  t.equal(log.length, 12, 'each warning is in the log');
});

t.test('the number and the length of log lines have bounds', async (t) => {
  const { header, log } = await answerWith(
    t,
    Array.from({ length: 4_096 }, (_, index) => `${index}${'"'.repeat(10_000)}`),
  );
  t.equal(log.length, 101);
  t.match(log[100], { unlogged: 3_996, msg: '3996 more warnings of this request are not logged' });
  t.ok(JSON.stringify(log).length < 101 * 4_096, 'lines are short');
  const bytes = [header].flat().reduce((sum: number, line) => sum + String(line).length, 0);
  t.ok(bytes < 8 * 1024, `clients take a head of ${bytes} bytes`);
});
