import { parseGoBoolean } from '../../model/go/boolean.js';
import type { StringMap } from '../../model/network.js';
import { ownOptions } from '../../model/own-options.js';
import { argKeys } from './arg-keys.js';
import { readStrings, unlessEmpty } from './arg-maps.js';
import { differByKey } from './differences.js';
import type { Field } from './field.js';

/** Options that are members of the first plugin, with the type of the value; 0 and the empty text leave the choice to the plugin. */
const members = { mtu: 'number', vlan: 'number', mode: 'string' } as const;

/** Podman's options, kept in `args` as they were sent. The member of a plugin overrides the one in `args`, because it has the effect. */
export const options: Field<StringMap> = {
  read({ first, plugins, args }) {
    const all = new Map(readStrings(args[argKeys.options]));
    for (const [name, type] of Object.entries(members)) {
      const value = first[name];
      if (typeof value === type && Boolean(value)) all.set(name, String(value));
    }
    const firewall = plugins.find(({ type }) => type === 'firewall');
    if (firewall?.['ingressPolicy'] === 'same-bridge') all.set('isolate', 'true');
    return all;
  },
  write: ({ form, options: all, link: { mtu, vlan, mode, isolate } }) => ({
    first: { mtu: mtu || undefined, vlan: vlan || undefined, mode: mode || undefined },
    chained: { firewall: { backend: '', ingressPolicy: isolate ? 'same-bridge' : undefined } },
    args: { [argKeys.options]: unlessEmpty(form === 'podman4' ? all : withoutPodmans(all)) },
  }),
  compare: (has, wanted) => differByKey('option', withEffect(has), withEffect(wanted.options)),
};

/** Podman 3 has no place for its options in `args`, and so leaves that to those of podnetd. */
function withoutPodmans(all: StringMap): StringMap {
  return new Map([...all].filter(([name]) => isOwn(name)));
}

function isOwn(name: string): boolean {
  return Object.values<string>(ownOptions).includes(name);
}

/** The options less those without effect, which a file may leave out: an mtu or vlan of 0, an isolation that is off. */
function withEffect(all: StringMap): StringMap {
  return new Map(
    [...all].flatMap(([name, text]): [string, string][] => {
      if (name === 'isolate' || isOwn(name)) return parseGoBoolean(text) === true ? [[name, 'true']] : [];
      return /^[+-]?0*$/.test(text) ? [] : [[name, text]];
    }),
  );
}
