import { declareCheck } from './check.js';
import { key } from '../facts/key.js';
import { listNames } from './words.js';

export const pluginVersion = declareCheck({
  code: 'plugin-version',
  severity: 'error',
  title: "A plugin does not know the CNI version of a network's file",
  why: 'The plugin refuses each ADD and DEL of the network with "incompatible CNI versions".',
  fix: undefined,
  follows: [],
  look: ({ plugins, folder }) =>
    folder.networks.flatMap(({ name, types, cniVersion }) => {
      const deaf = types.filter((type) => {
        const versions = plugins.known.get(type)?.versions ?? [];
        // A plugin that does not report its versions may know any.
        return versions.length > 0 && !versions.includes(cniVersion);
      });
      if (deaf.length === 0) return [];
      const known = deaf.map((type) => `${type} knows ${plugins.known.get(type)?.versions.join(', ')}`);
      return [
        {
          seen: `the file of network ${name} has cniVersion ${cniVersion}; ${known.join('; ')}`,
          remedy: `install ${listNames('plugin', deaf)} of a release that knows ${cniVersion}, or set cniVersion of the file to one that all of its plugins know`,
          about: [key.network(name)],
        },
      ];
    }),
});
