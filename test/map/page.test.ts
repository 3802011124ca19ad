import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { drawPage } from '../../src/map/page/page.js';
import { openPage } from '../support/chromium.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { makePool, makeView, networks, type Entry } from './views.js';

const skip = missing('chromium');

const mixed: readonly Entry[] = [
  [0, 1, { kind: 'network', name: 'shop' }],
  [1, 2, { kind: 'route', name: 'tun0' }],
  [64, 64, { kind: 'reserved', reason: 'office VPN' }],
];

t.test('the page has names, blocks, words for each colour, and where it comes from', async (t) => {
  const text = drawPage(makeView([makePool('10.89.0.0/16', 24, mixed), makePool('10.90.0.0/26', 28, networks(0, 4))]));
  for (const words of [
    'podnetd answered at /run/podnetd/podnetd.sock',
    '<td>10.89.1.0/24 – 10.89.2.0/24</td><td class="number">2</td>',
    'network shop',
    'route through tun0',
    '64 blocks reserved: office VPN',
    '128 blocks free',
    '<strong class="badge">full</strong>',
    'aria-label="networks 1, reserved 64, this host 2, free 189"',
    'aria-label="10.89.0.0/24 – 10.89.31.0/24: network shop, route through tun0"',
    '<title>10.89.1.0/24 – 10.89.2.0/24: route through tun0</title>',
  ]) {
    t.ok(text.includes(words), words);
  }
  const pictures = text.match(/<svg class="(?:cells|bar)"[^>]*>/g) ?? [];
  t.ok(pictures.length > 4);
  for (const picture of pictures) t.match(picture, /role="img" aria-label="[^"]+"/);
});

t.test('the page needs nothing from elsewhere, and no script', async (t) => {
  const text = drawPage(makeView([makePool('10.89.0.0/16', 24, mixed)]));
  t.match(text, `content="default-src 'none'; style-src 'unsafe-inline'"`);
  t.notMatch(text, /<script|<link|<img|<iframe|@import|https?:|\son\w+=/);
  t.same(
    new Set(text.match(/url\([^)]*\)/g)),
    new Set(['url(#reserved)', 'url(#host)', 'url(#unlisted)', 'url(#ticks-32)']),
  );
});

t.test('names of others stay text in a browser', { skip }, async (t) => {
  const odd = `"><img src=x onerror="document.title='taken'"><script>document.title='taken'</script><!--'&amp;\u202e\u0000`;
  const entries: readonly Entry[] = [
    [0, 4, { kind: 'network', name: odd }],
    [4, 1, { kind: 'network', file: odd }],
    [16, 16, { kind: 'reserved', reason: odd }],
    [40, 8, { kind: odd, name: odd }],
  ];
  const pool = makePool('10.89.0.0/16', 24, entries);
  const report = { pools: [pool], reserved: [{ subnet: '10.0.0.0/8', reason: odd }] };
  const file = path.join(makeScratch(t), 'page.html');
  writeFileSync(file, drawPage(makeView([pool], { hostName: odd, source: { folder: odd, reason: odd }, report })));
  const seen = await openPage(t, file);
  t.notMatch(seen, /<img|<script|<!--|[^\n\P{C}]/u);
  t.match(seen, '<title>Addresses of "&gt;&lt;img src=x');
  t.match(seen, /<tbody>[^]*network "&gt;&lt;img src=x/);
});

t.test('the size is bounded, with 10 000 networks, huge pools, long names and hundreds of pools', async (t) => {
  const long = 'x'.repeat(1_000_000);
  const pools = [
    makePool('10.128.0.0/9', 24, networks(0, 10_000)),
    makePool('fc00::/8', 64, [[2 ** 40, 2 ** 50, { kind: 'reserved', reason: long }]]),
    makePool(
      'fd12:3456:789a::/48',
      64,
      networks(0, 10_000).map(([from]) => [from * 3, 1, { kind: 'network', name: long }]),
    ),
    ...Array.from({ length: 40 }, () => makePool('10.128.0.0/9', 24, networks(7, 9_000))),
  ];
  const text = drawPage(makeView(pools));
  t.ok(text.length < 8_000_000, `${text.length} characters`);
  t.match(text, '11 more pools are not drawn');
  t.match(text, '9 750 more holders are not listed here');
  t.ok(drawPage(makeView(pools.slice(0, 1))).length < 300_000);
});
