import t from 'tap';
import { readProcessFigures } from '../../src/host/own-process/process-figures.js';
import { Recorder } from '../../src/metrics/recorder.js';
import { Scrape, type PrintFamilies, type ScrapeSources } from '../../src/metrics/scrape.js';
import type { AttachmentView } from '../../src/network/dependencies/attachments.js';

/** Scrapes at once, whose clients may have hung up, cost no more than two, and each is as new as its request. */

/** Prints the number of streams once it is let go. */
class HeldPrinter {
  begun = 0;
  readonly #held: (() => void)[] = [];

  readonly print: PrintFamilies = async (families, form) => {
    this.begun += 1;
    const streams = families.find(({ declaration }) => declaration.name === 'podnetd_event_streams');
    await new Promise<void>((resolve) => void this.#held.push(resolve));
    return `${form} ${JSON.stringify(streams?.samples)}`;
  };

  /** @returns once no run has begun for some turns */
  async release(): Promise<void> {
    for (let turns = 0; turns < 20; turns += 1) {
      await new Promise(setImmediate);
      for (const resolve of this.#held.splice(0)) resolve();
    }
  }
}

function makeScrape(printer: HeldPrinter): { readonly scrape: Scrape; readonly events: { streams: number } } {
  const events = { streams: 1 };
  const view = { count: async () => await Promise.resolve({ live: 0, dead: 0 }) } as AttachmentView;
  const sources: ScrapeSources = {
    recorder: new Recorder(),
    reader: { list: async () => await Promise.resolve([]), problems: async () => await Promise.resolve([]) },
    attachments: { look: async () => await Promise.resolve(view) },
    runtime: { unfinished: () => [] },
    pools: { measure: async () => await Promise.resolve({ pools: [], reserved: [] }) },
    addresses: { measure: () => [] },
    events,
    build: { version: '0', commit: 'c' },
    readProcess: readProcessFigures,
    isPerNetwork: () => false,
    loadPrinter: () => printer.print,
  };
  return { scrape: new Scrape(sources), events };
}

t.test('a thousand scrapes at once run twice', async (t) => {
  const printer = new HeldPrinter();
  const { scrape } = makeScrape(printer);
  const all = Array.from({ length: 1_000 }, async () => await scrape.print('prometheus'));
  await printer.release();
  t.strictSame(new Set(await Promise.all(all)), new Set(['prometheus [{"labels":[],"value":1}]']));
  t.equal(printer.begun, 2);
});

t.test('a scrape shows what changed before it, though another is under way', async (t) => {
  const printer = new HeldPrinter();
  const { scrape, events } = makeScrape(printer);
  const before = scrape.print('prometheus');
  for (let turns = 0; printer.begun === 0 && turns < 20; turns += 1) await new Promise(setImmediate);
  events.streams = 2;
  const after = [scrape.print('prometheus'), scrape.print('openmetrics'), scrape.print('prometheus')];
  await printer.release();
  t.match(await before, /"value":1/);
  for (const text of await Promise.all(after)) t.match(text, /"value":2/);
  t.match(await after[1], /^openmetrics/, 'each form has runs of its own');
});
