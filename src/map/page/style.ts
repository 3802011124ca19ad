import { Markup } from './markup.js';

/** The look of the page. Shapes differ beside colours: plain, hatched, dotted, empty; so print in grey is read as well. */
export const style = new Markup(`
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --ink: #1b1f24; --quiet: #5c6570; --line: #d3d8de; --free: #e9edf0;
  --network: #2563c9; --network-ink: #ffffff; --reserved: #8444b8; --reserved-paper: #efe3f8;
  --host: #a15c00; --host-paper: #fbe9cd; --alarm: #b3201b; --alarm-paper: #fde8e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e7eaee; --quiet: #9aa4b0; --line: #3a424b; --free: #262c33;
    --network: #5b93f5; --network-ink: #0b1424; --reserved: #c08ef0; --reserved-paper: #33234a;
    --host: #f0ad4e; --host-paper: #47330f; --alarm: #ff8078; --alarm-paper: #4a1a18;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 66rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
}
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
p { margin: .25rem 0 0; }
.quiet { color: var(--quiet); overflow-wrap: anywhere; }
section { margin-top: 2.25rem; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: .2em; }
.defs { position: absolute; width: 0; height: 0; }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.25rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.swatch { width: 1.1em; height: 1.1em; margin-right: .4em; vertical-align: -.18em; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; }
.badge {
  padding: 0 .6em; border: 1px solid; border-radius: 1em; background: var(--alarm-paper); color: var(--alarm);
  font-size: .85rem; font-weight: 700; white-space: nowrap;
}
.scroll { overflow-x: auto; margin-top: .75rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .75rem .2rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-top: 0; color: var(--quiet); font-size: .85rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.overview td { vertical-align: middle; }
.overview .share { width: 34%; min-width: 9rem; }
.holders td:nth-child(2) { white-space: nowrap; }
.holders th:last-child { width: 60%; }
.holders td:last-child { overflow-wrap: anywhere; min-width: 9rem; }
details { margin-top: .75rem; }
summary { color: var(--quiet); cursor: pointer; }
.grid { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px .75rem; align-items: center; margin-top: .75rem; }
.row { display: contents; }
.address { color: var(--quiet); font-size: .85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.cells { display: block; height: 26px; overflow: hidden; }
.bar { display: block; width: 100%; height: 14px; }
.cells text { fill: var(--ink); font-size: 11px; text-anchor: middle; dominant-baseline: central; }
.cells .network text { fill: var(--network-ink); }
.cells .band text { font-size: 12px; }
.cells .reserved text, .cells .host text, .cells .unlisted text {
  paint-order: stroke; stroke-width: 4px; stroke-linejoin: round; font-weight: 600;
}
.cells .reserved text { stroke: var(--reserved-paper); }
.cells .host text { stroke: var(--host-paper); }
.cells .unlisted text { stroke: var(--paper); }
.box { stroke: var(--paper); stroke-width: 2px; }
.bar .box { stroke: none; }
.network .box { fill: var(--network); }
.reserved .box { fill: url(#reserved); }
.host .box { fill: url(#host); }
.unlisted .box { fill: url(#unlisted); }
.free .box { fill: var(--free); }
.bar .host .box { fill: var(--host); }
.edge { fill: none; stroke: var(--line); }
.tick { stroke: var(--paper); stroke-width: 1.5px; }
.reserved-paper { fill: var(--reserved-paper); } .reserved-ink { stroke: var(--reserved); stroke-width: 2px; }
.host-paper { fill: var(--host-paper); } .host-ink { fill: var(--host); }
.unlisted-paper { fill: var(--paper); } .unlisted-ink { stroke: var(--alarm); }
footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--line); }
@media (max-width: 44rem) {
  body { padding: 1.25rem .9rem 2rem; }
  .grid { grid-template-columns: minmax(0, 1fr); gap: 1px; }
  .address { margin-top: .4rem; }
  .cells .run text { display: none; }
  .overview .share { min-width: 5rem; }
  .overview .badge { display: table; }
}
@media print {
  :root {
    --paper: #fff; --ink: #000; --quiet: #444; --line: #888; --free: #eee;
    --network: #2563c9; --network-ink: #fff; --reserved: #8444b8; --reserved-paper: #fff;
    --host: #a15c00; --host-paper: #fff; --alarm: #b3201b; --alarm-paper: #fff;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .scroll { overflow: visible; }
  .overview .share { min-width: 4rem; width: auto; }
  .head, .row, tr, .legend { break-inside: avoid; }
  .head { break-after: avoid; }
  thead { display: table-header-group; }
}
`);
