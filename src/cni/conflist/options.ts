import { parseGoBoolean } from '../../model/go/boolean.js';
import { textOf } from '../../model/json-object.js';
import type { LinkOptions, StringMap } from '../../model/network.js';
import { enableIcc, ownOptions } from '../../model/own-options.js';
import { argKeys } from './arg-keys.js';
import { readStrings, unlessEmpty } from './arg-maps.js';
import { differByKey } from './differences.js';
import type { ConflistParts, Field } from './field.js';
import { readDefaultRoutes } from './routes.js';

/** Options that are members of the first plugin, with the type of the value; 0 and the empty text leave the choice to the plugin. */
const members = Object.entries({ mtu: 'number', vlan: 'number', mode: 'string' });

/** Podman's options, kept in `args` as they were sent. The member of a plugin overrides the one in `args`, because it has the effect. */
export const options: Field<StringMap> = {
  read(parts) {
    const { first, args } = parts;
    const all = new Map(readStrings(args[argKeys.options]));
    for (const [name, type] of members) {
      const value = first[name];
      if (typeof value === type && Boolean(value)) all.set(name, String(value));
    }
    readPolicies(parts, all);
    const defaultRoutes = readDefaultRoutes(parts);
    if (defaultRoutes.present) all.delete('no_default_route');
    if (defaultRoutes.metric > 0) all.set('metric', String(defaultRoutes.metric));
    else if (defaultRoutes.present) all.delete('metric');
    return all;
  },
  write: ({ form, options: all, link }) => ({
    first: {
      mtu: link.mtu || undefined,
      vlan: link.vlan || undefined,
      mode: link.mode || undefined,
      portIsolation: link.interContainer ? undefined : true,
    },
    chained: { firewall: { backend: '', ingressPolicy: policyOf(link) } },
    args: { [argKeys.options]: unlessEmpty(form === 'podman4' ? all : withoutPodmans(all)) },
  }),
  compare: (has, wanted) => differByKey('option', withEffect(has), withEffect(wanted.options)),
};

/** source: containernetworking/plugins plugins/meta/firewall@v1.7.0: `isolated` is `same-bridge`, and keeps the bridge's own containers apart */
function policyOf({ isolate, interContainer }: LinkOptions): string | undefined {
  if (!interContainer) return 'isolated';
  return isolate ? 'same-bridge' : undefined;
}

function readPolicies({ first, plugins }: ConflistParts, all: Map<string, string>): void {
  const policy = textOf(plugins.find(({ type }) => type === 'firewall')?.['ingressPolicy']);
  if (policy === 'same-bridge' || policy === 'isolated') all.set('isolate', 'true');
  // The bridge plugin keeps containers apart on the wire, the firewall on the way over the gateway: one alone may leave the other way open.
  if (first['portIsolation'] === true && policy === 'isolated') all.set(enableIcc, 'false');
  else all.delete(enableIcc);
}

/** Podman 3 has no place for its options in `args`, and so leaves that to those of podnetd. */
function withoutPodmans(all: StringMap): StringMap {
  return new Map([...all].filter(([name]) => isOwn(name)));
}

function isOwn(name: string): boolean {
  return Object.values<string>(ownOptions).includes(name);
}

/** Options that have an effect when they are true; enable_icc has one when it is false. */
function isSwitch(name: string): boolean {
  return name === 'isolate' || name === 'no_default_route' || isOwn(name);
}

/** The options less those without effect, which a file may leave out: an mtu or vlan of 0, an isolation that is off. */
function withEffect(all: StringMap): StringMap {
  return new Map(
    [...all].flatMap(([name, text]): [string, string][] => {
      if (isSwitch(name)) return parseGoBoolean(text) === true ? [[name, 'true']] : [];
      if (name === enableIcc) return parseGoBoolean(text) === false ? [[name, 'false']] : [];
      return /^[+-]?0*$/.test(text) ? [] : [[name, text]];
    }),
  );
}
