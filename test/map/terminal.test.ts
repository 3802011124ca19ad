import t from 'tap';
import { printMap } from '../../src/map/terminal/print-map.js';
import type { OutputForm } from '../../src/host/own-process/terminal.js';
import { makePool, makeView, networks, type Entry } from './views.js';

const unicode: OutputForm = { width: 80, hasColours: false, hasUnicode: true };
const ascii: OutputForm = { ...unicode, hasUnicode: false };

const mixed: readonly Entry[] = [
  [0, 1, { kind: 'network', name: 'shop' }],
  [1, 2, { kind: 'route', name: 'tun0' }],
  [4, 4, { kind: 'interface', name: 'docker0' }],
  [9, 1, { kind: 'dns-server' }],
  [10, 1, { kind: 'network', file: '/etc/cni/net.d/odd.conflist' }],
  [64, 64, { kind: 'reserved', reason: 'office VPN' }],
];

t.test('a pool of every kind', async (t) => {
  const map = printMap(makeView([makePool('10.89.0.0/16', 24, mixed)]), unicode);
  t.equal(
    map,
    `Addresses of box
podnetd answered at /run/podnetd/podnetd.sock

10.89.0.0/16  256 blocks of /24, 28 % taken
  █▚▚▚▚▚▒·············  networks 2, reserved 64, this host 7, free 183
  10.89.0.0    █▒▒·▒▒▒▒·▒█·····················································
  10.89.64.0   ▚▚▚▚▚▚▚▚▚▚▚▚▚▚▚▚ 64 blocks reserved: office VPN ▚▚▚▚▚▚▚▚▚▚▚▚▚▚▚▚
  10.89.128.0  ······················· 128 blocks free ························
  █ 10.89.0.0/24                    network shop
  ▒ 10.89.1.0/24 – 10.89.2.0/24     route through tun0
  ▒ 10.89.4.0/24 – 10.89.7.0/24     interface docker0
  ▒ 10.89.9.0/24                    DNS server
  █ 10.89.10.0/24                   network in /etc/cni/net.d/odd.conflist
  ▚ 10.89.64.0/24 – 10.89.127.0/24  reserved: office VPN

█ networks  ▚ reserved  ▒ this host  · free
▄ and the like: a part of the mark's blocks
`,
  );
});

t.test('a terminal without Unicode gets ASCII, in the same places', async (t) => {
  const pools = [makePool('10.89.0.0/16', 24, mixed), makePool('fd00::/16', 64, networks(0, 2))];
  const view = makeView(pools, { hostName: 'bücher', source: { folder: '/b/ü', reason: 'none' } });
  const map = printMap(view, ascii);
  t.notMatch(map, /[^\n\x20-\x7e]/);
  t.match(map, '  10.89.0.0    NHH.HHHH.HN.....................');
  t.match(map, 'Addresses of b\\u{fc}cher\nread from /b/\\u{fc} without a daemon: none\n');
  const marks = (text: string) => text.match(/^ {2}10\.89\.0\.0 .*$/m)?.[0].length;
  t.equal(marks(map), marks(printMap(view, unicode)));
});

t.test('colours are apart from the words', async (t) => {
  const pools = [makePool('10.89.0.0/16', 24, mixed), makePool('10.90.0.0/26', 28, networks(0, 4))];
  const coloured = printMap(makeView(pools), { ...unicode, hasColours: true });
  t.match(coloured, '\u001b[1;31mFULL');
  t.match(coloured, '\u001b[36m█\u001b[0m');
  t.equal(coloured.replaceAll(/\p{Cc}\[[\d;]*m/gu, ''), printMap(makeView(pools), unicode));
});

t.test('a pool of more than nine tenths stands out in words', async (t) => {
  const head = (total: number, count: number) => {
    const pool = makePool(`10.90.0.0/${24 - Math.log2(total)}`, 24, networks(0, count));
    return printMap(makeView([pool]), unicode).split('\n')[3] ?? '';
  };
  t.match(head(16, 14), /^10\.90\.0\.0\/20 {2}16 blocks of \/24, 87 % taken$/);
  t.match(head(16, 15), /^10\.90\.0\.0\/20 {2}NEARLY FULL {2}16 blocks of \/24, 93 % taken$/);
  t.match(head(16, 16), /^10\.90\.0\.0\/20 {2}FULL {2}16 blocks of \/24, 100 % taken$/);
  t.match(head(1024, 1023), /NEARLY FULL .*, over 99 % taken$/);
  t.match(head(1024, 1), / {2}1 024 blocks of \/24, under 1 % taken$/);
  t.match(head(1024, 0), /, 0 % taken$/);
  const tenth = { total: 10, used: 9, reserved: 0, blocked: 0, free: 1 };
  const even = { ...makePool('10.90.0.0/20', 24, []), blocks: tenth, taken: [] };
  t.notMatch(printMap(makeView([even]), unicode), 'NEARLY FULL', 'nine tenths are not more than nine tenths');
});

t.test('names and reasons of others do not reach the terminal as they are', async (t) => {
  const odd = 'a\u001b[2Jb\u009bc\nd\u202ee\u2028f\ud800';
  const pool = makePool('10.0.0.0/24', 28, [
    [0, 1, { kind: 'network', name: odd }],
    [1, 1, { kind: 'network', file: odd }],
    [2, 1, { kind: 'interface', name: odd }],
    [3, 1, { kind: 'reserved', reason: odd }],
    [4, 1, { kind: odd }],
  ]);
  const view = makeView([pool], {
    hostName: odd,
    source: { folder: odd, reason: odd },
    report: { pools: [pool], reserved: [{ subnet: '10.0.0.48/28', reason: odd }] },
  });
  const map = printMap(view, { ...unicode, width: 200 });
  t.notMatch(map, /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  t.equal(map.split('\\u{1b}[2Jb\\u{9b}c\\u{a}d\\u{202e}e\\u{2028}f\\u{d800}').length - 1, 9);
});

t.test('each line fits, and lines are bounded, with 10 000 networks, long names and a hundred pools', async (t) => {
  const long: Entry = [0, 1, { kind: 'network', name: '漢字'.repeat(500_000) }];
  const pools = [
    makePool('10.128.0.0/9', 24, networks(0, 10_000)),
    makePool('fc00::/8', 64, [[0, 2 ** 50, { kind: 'reserved', reason: 'x'.repeat(100_000) }]]),
    makePool('fd12:3456:789a::/48', 64, [long, ...networks(1, 3000)]),
    ...Array.from({ length: 100 }, (_, index) => makePool(`10.${index}.0.0/24`, 28, networks(0, index % 17))),
  ];
  const reserved = Array.from({ length: 1000 }, (_, index) => ({ subnet: `10.${index % 250}.0.0/16`, reason: 'r' }));
  for (const width of [1, 24, 40, 80, 120, 300]) {
    const map = printMap(makeView(pools, { report: { pools, reserved } }), { ...unicode, width });
    const lines = map.split('\n');
    const source = lines[1];
    const wide = lines.filter((line) => line !== source && columnsOf(line) > Math.max(width, 44));
    t.same(wide, [], `${width} columns`);
    t.ok(lines.length < 2000, `${lines.length} lines`);
    t.match(map, '9 976 more holders');
    t.match(map, /71 more pools are not/);
  }
});

function columnsOf(line: string): number {
  return Array.from(line).reduce<number>((sum, character) => sum + (/\p{Script=Han}/u.test(character) ? 2 : 1), 0);
}
