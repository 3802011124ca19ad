import type { GoValue } from '../../model/go/json.js';
import { asObject, type JsonObject } from '../../model/json-object.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import type { ArgKey } from './arg-keys.js';
import { isDriver, type ChainedType, type FirstPluginKey, type IpamKey } from './podman-shape.js';

/** One fact of a network: its place in a conflist, and its comparison with the value that a request asks for. */
export interface Field<Value> {
  /** @throws DecodeError */
  read(parts: ConflistParts): Value;
  write(network: PlannedNetwork): Written;
  /** @returns a sentence for each difference, which names both values; none for a fact that the request leaves open */
  compare(has: Value, wanted: CheckedRequest): readonly string[];
}

export interface ConflistParts {
  /** Type of the first plugin. */
  readonly driver: string;
  /** The first plugin; empty if podnetd does not understand its type. */
  readonly first: JsonObject;
  /** Its `ipam` member. */
  readonly ipam: JsonObject;
  readonly plugins: readonly JsonObject[];
  readonly args: JsonObject;
}

/** Members that a field adds to a conflist; `encode` leaves out the undefined ones. */
export interface Written {
  /** For the first plugin; `encode` leaves out those that its driver does not have. */
  readonly first?: Members<Exclude<FirstPluginKey, 'ipam'>>;
  /** For the `ipam` member of the first plugin. */
  readonly ipam?: Members<IpamKey>;
  /** For the plugins behind it, by type; `encode` leaves out a plugin that no field writes. */
  readonly chained?: { readonly [Type in ChainedType]?: Members<string> };
  readonly args?: Members<ArgKey>;
}

type Members<Key extends string> = { readonly [K in Key]?: GoValue | undefined };

export function takeApart(conflist: JsonObject, plugins: readonly JsonObject[]): ConflistParts {
  const driver = String(plugins[0]?.['type']);
  const first = asObject(isDriver(driver) && plugins[0]);
  return { driver, first, ipam: asObject(first['ipam']), plugins, args: asObject(conflist['args']) };
}
