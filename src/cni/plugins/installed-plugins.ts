import type { PluginLack } from '../../model/errors/plugin.js';
import type { Driver } from '../../model/network.js';
import type {
  ChosenVersion,
  PluginAbility,
  PluginFinder,
  PluginsOfNetwork,
} from '../../network/dependencies/plugins.js';
import { chains } from '../conflist/podman-shape.js';
import type { PluginDirs } from '../runtime/plugin-dirs.js';
import { abilities } from './abilities.js';
import { chooseVersion, compareVersions } from './cni-version.js';
import type { PluginBinaries } from './plugin-binary.js';

/** The plugins of the plugin folders, and what each of them is able to do. */
export class InstalledPlugins implements PluginFinder {
  constructor(
    private readonly dirs: PluginDirs,
    private readonly binaries: PluginBinaries,
  ) {}

  has(plugin: string): boolean {
    return this.dirs.has(plugin);
  }

  async chooseCniVersion({ driver, ipamDriver, dnsname }: PluginsOfNetwork): Promise<ChosenVersion> {
    const chained = chains[driver].filter((type) => type !== 'dnsname' || dnsname);
    const types = [driver, ...(ipamDriver === 'none' ? [] : [ipamDriver]), ...chained];
    const folders = this.dirs.present();
    const all = await Promise.all(
      types.map(async (plugin) => ({ plugin, versions: await this.binaries.cniVersionsIn(folders, plugin) })),
    );
    return chooseVersion(all.filter(({ versions }) => versions.length > 0));
  }

  async findLack(ability: PluginAbility, driver: Driver): Promise<PluginLack | undefined> {
    const { needed, ...able } = abilities[ability];
    for (const [plugin, trace] of Object.entries(able.traces(driver))) {
      const file = this.dirs.locate(plugin);
      if (file === undefined) return { plugin, path: undefined, version: '', cniVersion: '', needed };
      const version = await this.binaries.version(file);
      const isAble = version === '' ? await this.binaries.holds(file, trace) : compareVersions(version, needed) >= 0;
      if (isAble) continue;
      const versions = await this.binaries.cniVersions(file);
      const cniVersion = versions.toSorted(compareVersions).at(-1) ?? '';
      return { plugin, path: file, version, cniVersion, needed };
    }
    return undefined;
  }
}
