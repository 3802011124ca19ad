import { Kind, type TObject, type TSchema } from '@sinclair/typebox';

/** What a manual page says of a key, besides the form of its value, which the schema's description has. */
export interface KeyWords {
  /** Sentences. */
  readonly about: string;
  /** As a reader sees it. */
  readonly default: string;
  /** The version of podnetd that first read the key. */
  readonly since: string;
}

/** A key with its words and the schema of its value. */
export type DeclaredKey<S extends TSchema = TSchema> = S & { readonly words: KeyWords };

/** Declares a key of a file of settings. */
export function key<S extends TSchema>(value: S, words: KeyWords): DeclaredKey<S> {
  return { ...value, words };
}

/** A file of settings. Its schema has tables and lists of tables, and each table has keys that are declared by {@link key}. */
export interface SettingsFile {
  /** Without folder, as `containers.conf`. */
  readonly name: string;
  /** Name of its manual page in section 5. */
  readonly page: string;
  /** A phrase without a full stop. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  /** Where the file may lie, in the order of reading; later files win. */
  readonly places: readonly string[];
  readonly example: string;
  readonly schema: TObject;
}

export interface KeyOfFile extends KeyWords {
  readonly table: string;
  /** Whether the file may have several such tables: `[[table]]`. */
  readonly isList: boolean;
  readonly name: string;
  /** As "a string": completes "the value is". */
  readonly form: string;
}

/** All keys of a file, in the order of the schema. @throws TypeError for a key without words */
export function keysOf({ schema }: Pick<SettingsFile, 'schema'>): readonly KeyOfFile[] {
  return Object.entries(schema.properties).flatMap(([table, declared]) => {
    const isList = declared[Kind] === 'Array';
    const { [Kind]: kind, properties } = (isList ? declared['items'] : declared) as TSchema;
    if (kind !== 'Object') throw new TypeError(`${table} is no table`);
    return Object.entries(properties as Readonly<Record<string, Partial<DeclaredKey>>>).map(
      ([name, { words, description }]) => {
        if (words === undefined || description === undefined) throw new TypeError(`${table}.${name} has no words`);
        return { table, isList, name, form: description, ...words };
      },
    );
  });
}
