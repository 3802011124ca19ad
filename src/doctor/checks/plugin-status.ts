import { declareCheck } from './check.js';
import { key } from '../facts/key.js';

export const pluginStatus = declareCheck({
  code: 'plugin-status',
  severity: 'error',
  title: 'A plugin reports that it cannot connect containers',
  why: 'By CNI 1.1 a plugin that fails STATUS fails ADD too.',
  fix: undefined,
  follows: ['plugin-missing', 'plugin-version'],
  look: ({ plugins }) =>
    plugins.refusals.map(({ network, plugin, reason }) => ({
      seen: `network ${network}: ${reason}`,
      remedy: `mend what ${plugin} names; "podnetd doctor --only plugin-status" asks it again`,
      about: [key.network(network)],
    })),
});
