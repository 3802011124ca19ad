import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The facts of a network in its file. */
export interface WrittenNetwork {
  /** Name of the file without its extension. */
  readonly file: string;
  readonly name: string;
  readonly bridges: readonly string[];
  readonly subnets: readonly string[];
}

interface Conflist {
  readonly name: string;
  readonly plugins: readonly {
    readonly bridge?: string;
    readonly ipam?: { readonly ranges?: readonly (readonly { readonly subnet: string }[])[] };
  }[];
}

export function readNetworks(folder: string): readonly WrittenNetwork[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.conflist'));
  return files.map((file) => {
    const { name, plugins } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Conflist;
    return {
      file: path.basename(file, '.conflist'),
      name,
      bridges: plugins.flatMap(({ bridge }) => bridge ?? []),
      subnets: plugins.flatMap(({ ipam }) => (ipam?.ranges ?? []).flat().map(({ subnet }) => subnet)),
    };
  });
}

/** The values that occur more than once. */
export function findTwice(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}
