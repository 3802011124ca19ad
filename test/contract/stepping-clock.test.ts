import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { openEvents } from '../support/event-stream.js';
import { makeScratch } from '../support/scratch.js';

const program = path.resolve(import.meta.dirname, '../support/stepping-clock.cjs');
const hourMs = 3_600_000;

t.test('a clock that steps back hides no event, in no dialect', async (t) => {
  const file = path.join(makeScratch(t), 'clock');
  const step = (offsetMs: number) => writeFileSync(file, String(offsetMs));
  step(hourMs);
  const env = { NODE_OPTIONS: `--require ${program}`, PODNETD_TEST_CLOCK: file };
  const daemon = await startDaemon(t, { env });
  const create = async (Name: string) =>
    t.equal((await daemon.ask('POST', '/networks/create', { Name })).status, 201, `create ${Name}`);
  const bases = ['', '/v3.2.0/libpod', '/v5.4.2/libpod'];
  const past = async (base: string, query: string) => {
    const { text } = await daemon.ask('GET', `${base}/events?${query}`);
    return Array.from(text.matchAll(/"name":"([^"]*)"/g), ([, name]) => name);
  };
  await create('before');
  const { text } = await daemon.ask('GET', '/v5.4.2/libpod/events?stream=false');
  const [, seconds = '', rest = ''] = /"timeNano":(\d+)(\d{9})\}/.exec(text) ?? [];
  const last = `${seconds}.${rest}`;
  const behindLast = `${seconds}.${String(Number(rest) + 1).padStart(9, '0')}`;

  step(0);
  // In each dialect, a client that goes on where it stopped, and a client that waits for ten minutes.
  const live = await Promise.all(
    bases.flatMap((base) =>
      [`since=${last}`, `until=${String(Math.floor(Date.now() / 1_000) + 600)}`].map(
        async (query) => await openEvents(t, daemon.socket, `${base}/events?${query}`),
      ),
    ),
  );
  await create('after');
  for (const { lines } of live)
    t.match(
      (await lines(2)).map(({ Actor }) => Actor),
      [{ Attributes: { name: 'before' } }, { Attributes: { name: 'after' } }],
    );
  for (const base of bases) {
    t.same(await past(base, 'stream=false'), ['before', 'after'], 'all');
    t.same(await past(base, `since=${last}&stream=false`), ['before', 'after'], 'from the last event on');
    t.same(await past(base, `since=${behindLast}&stream=false`), ['after'], 'behind the last event');
    t.same(await past(base, 'since=10m&stream=false'), ['before', 'after'], 'since ten minutes ago');
    const now = (Date.now() / 1_000 + 1).toFixed(3);
    t.same(await past(base, `since=1&until=${now}&stream=false`), ['before', 'after'], 'until now');
  }
  const time = /"time":(\d+)/.exec((await daemon.ask('GET', `/events?since=${behindLast}&stream=false`)).text)?.[1];
  t.ok(Number(time) < Number(seconds) - 1_800, 'an event has the time of the clock');
});
