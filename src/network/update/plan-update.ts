import type { ChangedFacts, Network } from '../../model/network.js';
import type { Draft } from '../dependencies/draft.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';
import { changedKeys, checkDockerOptions, checkOptions, updateDocker } from './change-options.js';
import { changeDns } from './change-dns.js';
import { changeRoutes } from './change-routes.js';
import { hasSameReserved, reservedOf } from './change-reserved.js';
import { changeSubnets, hasOtherRanges } from './change-subnets.js';
import type { UpdatePlugins } from './plugin-facts.js';
import type { ChangedPlace, Effects, WantedFacts } from './wanted-facts.js';

export interface UpdatePlan extends Effects {
  readonly changed: ChangedFacts;
  readonly warnings: readonly string[];
}

export interface UpdateContext {
  readonly draft: Draft;
  readonly settings: NetworkSettings;
  readonly plugins: UpdatePlugins;
}

/**
 * Decides what a change gives a network, from its file, the names and prefixes in use, its containers, the settings and the plugins alone. What
 * the network has already is no change, and is not judged.
 *
 * @throws NetworkError invalid, unsupported, forbidden, exists, exhausted, inUse
 */
export function planUpdate(stored: StoredNetwork, wanted: WantedFacts, context: UpdateContext): UpdatePlan {
  const { network } = stored;
  const { plugins } = context;
  const labels = changeOf(network.labels, wanted.labels);
  const options = changeOf(network.options, wanted.options);
  const { link, places } = options === undefined ? noOptions : checkOptions(network, options, plugins);
  const kept = network.docker?.options ?? new Map<string, string>();
  const dockerOptions = changeOf(kept, wanted.dockerOptions);
  const dockerPlaces = checkDockerOptions(kept, dockerOptions ?? kept);
  const planned = changeSubnets(stored, wanted, { ...context, options: wanted.options ?? network.options });
  const subnets = planned.subnets === network.subnets ? undefined : planned.subnets;
  const after = { plugins, subnets: planned.subnets, defaultRoute: link?.defaultRoute };
  const routes = changeRoutes(network, wanted, after);
  const { dnsEnabled, dnsServers, warnings } = changeDns(network, wanted, plugins);
  const facts: ChangedFacts = {
    ...(labels && { labels }),
    ...(options && { options }),
    ...(link && { link }),
    ...(subnets && { subnets }),
    ...(routes && { routes }),
    ...(dnsServers && { dnsServers }),
    ...(dnsEnabled !== undefined && { dnsEnabled }),
    ...(dnsEnabled === true && { cniVersion: plugins.dnsCniVersion }),
  };
  const docker = updateDocker(network, facts, dockerOptions);
  const changed =
    docker === undefined || (dockerOptions === undefined && !options && !subnets) ? facts : { ...facts, docker };
  const isTaken = subnets !== undefined && network.subnets.length > subnets.length && isPart(subnets, network);
  const parts: readonly (readonly [place: ChangedPlace, changes: boolean, isInForce: boolean])[] = [
    ['labels', labels !== undefined, true],
    ...places.map((place) => [place, true, isInForceAtOnce(place, link?.isolate)] as const),
    ...dockerPlaces.map((place) => [place, true, true] as const),
    ['subnets', hasOtherRanges(network.subnets, planned.subnets), isTaken],
    [
      'reserved_addresses',
      wanted.reserved !== undefined && !hasSameReserved(reservedOf(network), reservedOf(planned)),
      false,
    ],
    ['routes', routes !== undefined, false],
    ['dns_enabled', dnsEnabled !== undefined, false],
    ['network_dns_servers', dnsServers !== undefined, false],
  ];
  const made = parts.filter(([, changes]) => changes);
  return {
    changed,
    warnings: [...planned.warnings, ...warnings],
    inForce: made.flatMap(([place, , isInForce]) => (isInForce ? [place] : [])),
    forNewAttachments: made.flatMap(([place, , isInForce]) => (isInForce ? [] : [place])),
  };
}

const noOptions = { link: undefined, places: [] };

/** Isolation ends when podnetd takes its rules away, and begins when a plugin writes them. */
function isInForceAtOnce(place: ChangedPlace, isolate: boolean | undefined): boolean {
  return place === 'options.podnetd.allow_reserved' || (place === 'options.isolate' && isolate !== true);
}

/** @returns undefined for a map that stays */
function changeOf(before: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string> | undefined) {
  return wanted === undefined || changedKeys(before, wanted).length === 0 ? undefined : wanted;
}

function isPart(subnets: Network['subnets'], network: Network): boolean {
  return subnets.every((subnet) => network.subnets.includes(subnet));
}
