import { declareCheck } from './check.js';
import { key } from '../facts/key.js';
import { networksByType } from '../facts/lookups.js';
import { listNames } from './words.js';

export const pluginMissing = declareCheck({
  code: 'plugin-missing',
  severity: 'error',
  title: 'A plugin that networks need is not installed',
  why: 'No container can be connected to these networks, and none can be disconnected in order.',
  fix: undefined,
  follows: [],
  look: ({ plugins, folder }) =>
    [...plugins.known]
      .filter(([, { path }]) => path === undefined)
      .map(([type]) => {
        const users = (networksByType(folder).get(type) ?? []).map((network) => network.name);
        const name =
          type === 'dnsname' ? 'golang-github-containernetworking-plugin-dnsname' : 'containernetworking-plugins';
        return {
          seen: `${type} is in none of ${plugins.folders.join(', ')}; ${listNames('network', users)} ${users.length === 1 ? 'needs' : 'need'} it`,
          remedy: `install it, on Debian by "apt-get install ${name}", or name its folder with --cni-plugin-dir`,
          about: users.map(key.network),
        };
      }),
});
