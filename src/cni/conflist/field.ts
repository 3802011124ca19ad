import type { GoValue } from '../../model/go/json.js';
import { asObject, type JsonObject } from '../../model/json-object.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import type { ArgKey } from './arg-keys.js';
import { isDriver, type ChainedType, type FirstPluginKey } from './podman-shape.js';

/** One fact of a network: where a conflist has it, and how it differs from the one that a request asks for. */
export interface Field<Value> {
  /** @throws DecodeError */
  read(parts: ConflistParts): Value;
  write(network: PlannedNetwork): Written;
  /** @returns a sentence a difference, naming both values; none for a value that the request leaves open */
  compare(has: Value, wanted: CheckedRequest): readonly string[];
}

export interface ConflistParts {
  /** Type of the first plugin. */
  readonly driver: string;
  /** The first plugin; empty when podnetd does not understand its driver. */
  readonly first: JsonObject;
  /** Its `ipam` member. */
  readonly ipam: JsonObject;
  readonly plugins: readonly JsonObject[];
  readonly args: JsonObject;
}

/** Members that a field adds to a conflist; an undefined one is left out. */
export interface Written {
  /** Of the first plugin, which gets those that its driver has. */
  readonly first?: Members<FirstPluginKey>;
  /** Of the plugins that follow, beside their types; a plugin that no field writes is left out. */
  readonly chained?: { readonly [Type in ChainedType]?: Members<string> };
  readonly args?: Members<ArgKey>;
}

type Members<Key extends string> = { readonly [K in Key]?: GoValue | undefined };

export function takeApart(conflist: JsonObject, plugins: readonly JsonObject[]): ConflistParts {
  const driver = String(plugins[0]?.['type']);
  const first = asObject(isDriver(driver) && plugins[0]);
  return { driver, first, ipam: asObject(first['ipam']), plugins, args: asObject(conflist['args']) };
}
