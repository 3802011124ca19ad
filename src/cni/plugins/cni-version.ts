import type { ChosenVersion } from '../../network/dependencies/plugins.js';

/** A plugin and the versions of CNI that it understands. */
export interface PluginVersions {
  readonly plugin: string;
  readonly versions: readonly string[];
}

/** Podman writes this version into every conflist. source: containers/common libnetwork/cni/cni_conversion.go@v0.50.1 */
const podmansVersion = '0.4.0';
/** The last version whose results Podman 4 reads. source: containernetworking/cni pkg/version@v1.1.2 */
const lastOfPodman = '1.0.0';

/**
 * Chooses Podman's version where every plugin understands it, else the newest that all understand, among those that Podman reads if there
 * is one.
 *
 * @param all the plugins that are installed and that reported their versions
 */
export function chooseVersion(all: readonly PluginVersions[]): ChosenVersion {
  const [first, ...rest] = all;
  const common = (first?.versions ?? []).filter((version) => rest.every(({ versions }) => versions.includes(version)));
  if (first === undefined || common.includes(podmansVersion)) return { cniVersion: podmansVersion, problem: undefined };
  const newestFirst = common.toSorted((a, b) => compareVersions(b, a));
  const chosen = newestFirst.find((version) => compareVersions(version, lastOfPodman) <= 0) ?? newestFirst[0];
  if (chosen !== undefined) return { cniVersion: chosen, problem: undefined };
  const found = all.map(({ plugin, versions }) => `${plugin} understands ${versions.join(', ')}`).join('; ');
  return { cniVersion: podmansVersion, problem: `its plugins have no version of CNI in common: ${found}` };
}

/** Orders by the numbers; what follows them is ignored. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): readonly number[] {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)];
}
