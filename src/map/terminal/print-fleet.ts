import type { FleetBody } from '../../api/podnetd/fleet.js';
import { makePrintable } from '../../host/own-process/printable.js';
import type { OutputForm } from '../../host/own-process/terminal.js';
import type { MapView } from '../drawing/view.js';
import { describeSource, formatCount } from '../drawing/words.js';
import { fit } from './columns.js';
import { paint, type Ink } from './style.js';

/** Hosts, own blocks and collisions that are printed at most, each. */
const mostRows = 200;
/** Characters of a name or id in a table. */
const widestCell = 32;

/** A fleet as lines: where it comes from, its store, pools, hosts and own blocks, and what is wrong. */
export function printFleet(fleet: FleetBody, found: Pick<MapView, 'source'>, style: OutputForm): string {
  const sections: readonly (readonly [heading: string, ink: Ink, lines: readonly string[]])[] = [
    [`Fleet of ${makePrintable(fleet.name ?? '')}`, 'heading', [describeSource(found), ...printStore(fleet)]],
    ['Pools', 'heading', printPools(fleet)],
    ['Hosts', 'heading', printHosts(fleet, style)],
    ['Blocks of this host', 'heading', printBlocks(fleet)],
    ['Collisions', 'alarm', bound(fleet.collisions.map(printCollision))],
    ['Problems', 'alarm', fleet.problems.map(({ code, reason }) => `${code}: ${makePrintable(reason)}`)],
  ];
  return `${sections
    .filter(([, , lines]) => lines.length > 0)
    .map(([heading, ink, lines]) =>
      [paint(heading, ink, style), ...lines.map((line) => `  ${fit(line, Infinity, style)}`)].join('\n'),
    )
    .join('\n\n')}\n`;
}

function printStore({ kind, store }: FleetBody): readonly string[] {
  if (store === undefined) return kind === 'index' ? ['blocks follow from host_index, without a store'] : [];
  const cluster = store.cluster_id === undefined ? '' : `, cluster ${store.cluster_id}`;
  const state = store.reachable
    ? `answers${cluster}`
    : `cannot be reached: ${makePrintable(store.error ?? 'no answer yet')}`;
  return [`etcd ${makePrintable(store.endpoint)} ${state}`];
}

function printPools({ pools }: FleetBody): readonly string[] {
  return pools.map(({ base, block, size, blocks, claimed }) => {
    const all = `${base}: ${formatCount(blocks)} blocks of /${block}`;
    return `${all}${claimed === undefined ? '' : `, ${formatCount(claimed)} claimed`}; subnets of /${size}`;
  });
}

function printHosts({ hosts, host: own, unlisted_hosts: unlisted }: FleetBody, style: OutputForm): readonly string[] {
  const rows = hosts
    .slice(0, mostRows)
    .map(({ host, name, alive, last_seen: seen, networks, blocks }) => [
      `${makePrintable(name)}${host === own ? ' *' : ''}`,
      makePrintable(host),
      alive ? 'alive' : seen === undefined ? 'silent' : `silent since ${seen.slice(0, 19)}Z`,
      networks === undefined ? '?' : formatCount(networks),
      formatCount(blocks.length),
      sumFree(blocks),
    ]);
  const others = hosts.length - rows.length + unlisted;
  const more = others === 0 ? [] : [`${formatCount(others)} more; --json lists ${formatCount(hosts.length)}`];
  return rows.length === 0
    ? more
    : [...align([['name', 'host', 'heartbeat', 'networks', 'blocks', 'free'], ...rows], style), ...more];
}

/** Free subnets of all blocks; `?` where one does not say. */
function sumFree(blocks: FleetBody['hosts'][number]['blocks']): string {
  const sum = blocks.reduce((total, { free }) => total + (free ?? Number.NaN), 0);
  return Number.isNaN(sum) ? '?' : formatCount(sum);
}

function printBlocks({ own_blocks: blocks }: FleetBody): readonly string[] {
  return bound(blocks.map(({ block, state }) => (state === 'own' ? block : `${block}, ${state}`)));
}

function printCollision({ network, subnet, block, owner }: FleetBody['collisions'][number]): string {
  return `network ${makePrintable(network)} has ${subnet}, which is in block ${block} of host ${makePrintable(owner)}`;
}

function bound(lines: readonly string[]): readonly string[] {
  const others = lines.length - mostRows;
  return others > 0 ? [...lines.slice(0, mostRows), `${formatCount(others)} more; --json lists them`] : lines;
}

/** Cells one below the other. */
function align(rows: readonly (readonly string[])[], style: OutputForm): readonly string[] {
  const cut = rows.map((cells) => cells.map((cell) => fit(cell, widestCell, style)));
  const widths = (cut[0] ?? []).map((_, column) => Math.max(...cut.map((cells) => cells[column]?.length ?? 0)));
  return cut.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
