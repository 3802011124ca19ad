/** Characters of a text that a message quotes; a client may send a text as long as a body. */
const longest = 4_096;

export function shorten(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters)}…` : text;
}

/** The same details with the beginnings of their long texts. */
export function shortenDetails<T extends object>(details: T): T {
  if (!Object.values(details).some((value) => typeof value === 'string' && value.length > longest)) return details;
  const entries = Object.entries(details).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === 'string' ? shorten(value, longest) : value,
  ]);
  return Object.fromEntries(entries) as T;
}
