import { NetworkError } from '../../model/errors/errors.js';
import { enableIcc } from '../../model/own-options.js';
import type { ChangedFacts, DockerSettings, LinkOptions, Network, StringMap } from '../../model/network.js';
import { checkDefaultRoute } from '../create/check.js';
import { isKnownOption, parseOptions } from '../create/options.js';
import { refuseDefaultMetric } from '../create/within-plugins.js';
import type { ChangedPlace } from './wanted-facts.js';
import type { UpdatePlugins } from './plugin-facts.js';

/** Options of a network that stay what they are, and why. */
const fixedOptions: StringMap = new Map([
  ['vlan', 'containers of two VLANs on one bridge do not reach each other'],
  ['mode', 'a parent carries links of one mode'],
]);

/** Names that Docker's clients have for options of Podman. */
const dockerNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['mtu', ['mtu', 'com.docker.network.driver.mtu']],
]);

/** Options of Docker's that do something, with the member of a network that says the same. */
const effective: StringMap = new Map([
  ['mtu', 'options.mtu'],
  ['com.docker.network.driver.mtu', 'options.mtu'],
  [enableIcc, `options["${enableIcc}"]`],
  ['podnetd.allow_reserved', 'options["podnetd.allow_reserved"]'],
  ['com.docker.network.bridge.name', 'network_interface'],
  ['parent', 'network_interface'],
  ['com.docker.network.enable_ipv4', 'subnets'],
  ['com.docker.network.enable_ipv6', 'ipv6_enabled'],
  ['com.docker.network.bridge.enable_ip_masquerade', 'none that can be changed'],
  ['mode', 'options.mode'],
  ['macvlan_mode', 'options.mode'],
  ['ipvlan_mode', 'options.mode'],
]);

/** The options whose values differ. */
export function changedKeys(before: StringMap, after: StringMap): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
}

/**
 * Checks changed options of a network; those that stay are not judged, because another program may know them.
 *
 * @returns the links' options with the change @throws NetworkError invalid, unsupported, forbidden
 */
export function checkOptions(
  network: Network,
  options: StringMap,
  { lacks }: UpdatePlugins,
): { readonly link: Omit<LinkOptions, 'masquerade'>; readonly places: readonly ChangedPlace[] } {
  const { name, driver, ipamDriver = '' } = network;
  const changed = changedKeys(network.options, options);
  for (const option of changed) {
    const reason = fixedOptions.get(option);
    if (reason !== undefined) throw new NetworkError('memberFixed', { name, member: `options.${option}`, reason });
  }
  const judged = [...options].filter(([option]) => changed.includes(option) || isKnownOption(option, driver));
  const link = parseOptions(new Map(judged), driver);
  checkDefaultRoute(link, ipamDriver);
  if (changed.includes('metric')) refuseDefaultMetric(link.metric, lacks.routeMetric);
  if (changed.includes(enableIcc) && !link.interContainer && lacks.portIsolation !== undefined)
    throw new NetworkError('iccBeyondPlugins', { ...lacks.portIsolation, option: enableIcc });
  return { link, places: changed.map((option): ChangedPlace => `options.${option}`) };
}

/** @throws NetworkError unsupported for an option that does something */
export function checkDockerOptions(before: StringMap, after: StringMap): readonly ChangedPlace[] {
  return changedKeys(before, after).map((option): ChangedPlace => {
    const member = effective.get(option);
    if (member !== undefined) throw new NetworkError('dockerOptionEffective', { option, member });
    return `docker_options.${option}`;
  });
}

/** What a Docker client reads back, without what a change made untrue. */
export function updateDocker(
  { docker, options: before, ipv6Enabled }: Network,
  { options, subnets }: ChangedFacts,
  dockerOptions: StringMap | undefined,
): DockerSettings | undefined {
  if (docker === undefined && dockerOptions === undefined) return undefined;
  const none = { options: new Map(), ipamOptions: undefined, members: new Map(), pools: new Map() };
  const { members: knownMembers, ...settings }: DockerSettings = docker ?? none;
  const shown = new Map(dockerOptions ?? settings.options);
  for (const option of changedKeys(before, options ?? before)) {
    const value = options?.get(option);
    for (const dockerName of dockerNames.get(option) ?? [option]) {
      if (!shown.has(dockerName)) continue;
      if (value === undefined) shown.delete(dockerName);
      else shown.set(dockerName, value);
    }
  }
  const members = new Map(knownMembers);
  if (subnets?.some(({ cidr }) => cidr.family === 6) === !ipv6Enabled) members.delete('EnableIPv6');
  return { ...settings, options: shown, members };
}
