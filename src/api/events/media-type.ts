/** How a stream of events is framed: all have an object a line, and RFC 7464 puts a record separator before each. */
export type EventMediaType = 'application/json' | NamedMediaType;

/** Those that a client can ask for, the preferred one first. source: moby daemon/server/router/system/system_routes.go@docker-v29.7.2 */
export const namedMediaTypes = ['application/jsonl', 'application/x-ndjson', 'application/json-seq'] as const;
type NamedMediaType = (typeof namedMediaTypes)[number];

const recordSeparator = '\u001E';

/**
 * The type that the header `Accept` names with the highest weight; undefined when it names none. Wildcards name none, because clients of
 * before send them and expect what they always got.
 *
 * source: moby daemon/server/httputils/contenttype/contenttype.go@docker-v29.7.2 (MatchAcceptStrict)
 */
export function findAcceptedType(accept = ''): NamedMediaType | undefined {
  const wishes = accept.split(',').map((wish) => {
    const [type = '', ...parameters] = wish.split(';').map((part) => part.trim());
    const weight = parameters.map((parameter) => /^q=([01](?:\.\d*)?)$/i.exec(parameter)?.[1]).find(Boolean) ?? '1';
    return { type: type.toLowerCase(), weight: Number(weight) };
  });
  const weightOf = (type: NamedMediaType) =>
    Math.max(0, ...wishes.filter((wish) => wish.type === type).map(({ weight }) => weight));
  const [best] = namedMediaTypes.toSorted((a, b) => weightOf(b) - weightOf(a));
  return best !== undefined && weightOf(best) > 0 ? best : undefined;
}

/** What goes before each line. */
export function prefixOf(type: EventMediaType): string {
  return type === 'application/json-seq' ? recordSeparator : '';
}
