import { asArray, asObject, isObject, type JsonObject } from '../../model/json-object.js';
import { printParsedJson } from '../../model/go/parsed-json.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import { writeStrings } from '../fields.js';
import type { V3NetworkReport, V3Plugin } from './schemas.js';

/**
 * A network as Podman 3 lists it: the parsed conflist beside its bytes. Members of the file that are of another kind than CNI has them are
 * left out. DIVERGES: Podman 3 could not list at all while one file had such a member.
 *
 * source: containernetworking/cni libcni/conf.go@v0.8.1 ConfListFromBytes
 */
export function writeReport({ network, text, conflist }: StoredNetwork): V3NetworkReport {
  return {
    Name: network.name,
    CNIVersion: pickText(conflist, 'cniVersion').cniVersion ?? '',
    DisableCheck: conflist['disableCheck'] === true,
    Plugins: asArray(conflist['plugins']).filter(isObject).map(writePlugin),
    Bytes: toBase64(text),
    Labels: isObject(asObject(conflist['args'])['podman_labels']) ? writeStrings(network.labels) : null,
  };
}

function writePlugin(plugin: JsonObject): V3Plugin {
  const capabilities = Object.entries(asObject(plugin['capabilities'])).filter(isFlag);
  const dns = asObject(plugin['dns']);
  return {
    Network: {
      ...pickText(plugin, 'cniVersion'),
      ...pickText(plugin, 'name'),
      type: String(plugin['type']),
      ...(capabilities.length > 0 && { capabilities: Object.fromEntries(capabilities) }),
      ipam: pickText(asObject(plugin['ipam']), 'type'),
      dns: {
        ...pickTexts(dns, 'nameservers'),
        ...pickText(dns, 'domain'),
        ...pickTexts(dns, 'search'),
        ...pickTexts(dns, 'options'),
      },
      ...(isObject(plugin['prevResult']) && { prevResult: plugin['prevResult'] }),
    },
    Bytes: toBase64(printParsedJson(plugin)),
  };
}

/** An empty value counts as absent, as with Go's `omitempty`. */
function pickText<K extends string>(members: JsonObject, key: K): { [P in K]?: string } {
  const value = members[key];
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as { [P in K]: string }) : {};
}

function pickTexts<K extends string>(members: JsonObject, key: K): { [P in K]?: string[] } {
  const texts = asArray(members[key]).filter((item) => typeof item === 'string');
  return texts.length > 0 ? ({ [key]: texts } as { [P in K]: string[] }) : {};
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function isFlag(entry: [string, unknown]): entry is [string, boolean] {
  return typeof entry[1] === 'boolean';
}
