import type { PluginLack } from '../../src/model/errors/plugin.js';
import type { PluginFacts } from '../../src/network/create/plugin-facts.js';
import type { PluginAbility, PluginFinder } from '../../src/network/dependencies/plugins.js';

const lack = (plugin: string, needed: string): PluginLack => ({
  plugin,
  path: `/usr/lib/cni/${plugin}`,
  version: '1.1.1',
  cniVersion: '1.0.0',
  needed,
});

const lacks: Readonly<Record<PluginAbility, PluginLack>> = {
  routeMetric: lack('host-local', '1.6.0'),
  portIsolation: lack('bridge', '1.7.0'),
};

export interface PluginOptions {
  /** None by default, as of plugins 1.1.1. */
  readonly able?: readonly PluginAbility[];
  readonly dnsname?: boolean;
  readonly cniVersion?: string;
  readonly problem?: string;
}

/** Facts of installed plugins, as a plan gets them. */
export function makePluginFacts({ able = [], dnsname = false, cniVersion, problem }: PluginOptions = {}): PluginFacts {
  const lacking = Object.entries(lacks).filter(([ability]) => !able.includes(ability as PluginAbility));
  return {
    dnsInstalled: dnsname,
    cniVersion: cniVersion ?? '0.4.0',
    problem,
    lacks: Object.fromEntries(lacking),
  };
}

/** Finds no plugin but those that a test names. */
export function makePluginFinder(has: (plugin: string) => boolean = () => false): PluginFinder {
  return {
    has,
    chooseCniVersion: async () => await Promise.resolve({ cniVersion: '0.4.0', problem: undefined }),
    findLack: async (ability) => await Promise.resolve(lacks[ability]),
  };
}
