import { isDeepStrictEqual } from 'node:util';

/** A schema object of an OpenAPI document, or a reference to one. */
export type DocumentSchema = Readonly<Record<string, unknown>>;

/**
 * Gathers the structs of a document under their titles, so that a generator makes one type of each and knows its name. The schemas of the
 * routes stay in one piece: podnetd's own compilers of validators and serializers read no references, and need none.
 */
export class Components {
  readonly #schemas = new Map<string, DocumentSchema>();

  /** The structs that were met so far, by name in the order of the alphabet. */
  schemas(): Readonly<Record<string, DocumentSchema>> {
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * @param place where the schema stands, for errors
   * @returns the schema with a reference in place of each struct
   * @throws Error for a struct without a title, for two structs of one title, and for two titles of one struct
   */
  name(schema: DocumentSchema, place: string): DocumentSchema {
    const { title, ...content } = Object.fromEntries(
      Object.entries(schema)
        // Words of podnetd's own; oapi-codegen would take `x-go-type` for the type to put in place of the schema.
        .filter(([key]) => !key.startsWith('x-'))
        .map(([key, value]) => [key, this.#nameWithin(key, value, place)]),
    );
    if (typeof title === 'string') return this.#refer(title, content, place);
    if ('properties' in content)
      throw new Error(
        `the struct at ${place} has no name: give its schema a title, by which the document refers to it`,
      );
    return content;
  }

  #nameWithin(key: string, value: unknown, place: string): unknown {
    const name = (inner: unknown, step: string | number) =>
      isSchema(inner) ? this.name(inner, `${place}/${step}`) : inner;
    if (key === 'properties')
      return Object.fromEntries(
        Object.entries(value as object).map(([member, inner]) => [member, name(inner, member)]),
      );
    if (key === 'anyOf') return (value as readonly unknown[]).map(name);
    return key === 'items' || key === 'additionalProperties' ? name(value, key) : value;
  }

  #refer(title: string, content: DocumentSchema, place: string): DocumentSchema {
    const known = this.#schemas.get(title);
    if (known !== undefined && !isDeepStrictEqual(known, content))
      throw new Error(`the struct at ${place} is not the one that is named ${title} before: give it another title`);
    for (const [name, other] of this.#schemas)
      if (name !== title && 'properties' in content && isDeepStrictEqual(other, content))
        throw new Error(`the struct ${title} at ${place} is the same as ${name}: give both one title`);
    this.#schemas.set(title, content);
    return { $ref: `#/components/schemas/${title}` };
  }
}

function isSchema(value: unknown): value is DocumentSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
