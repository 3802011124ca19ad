/**
 * The clean form of a URL whose path has empty segments, `.` or `..`: the shortest path with the same meaning, and the query as it is.
 *
 * source: Go path/path.go@go1.19 (Clean), gorilla/mux mux.go@v1.8.0 (cleanPath)
 *
 * @param url in origin form
 * @returns undefined for a URL whose path is clean
 */
export function findCleanUrl(url: string): string | undefined {
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  // Rare: nothing else can be unclean.
  if (!/\/(?:\/|\.\.?(?:\/|$))/.test(path)) return undefined;
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const end = path.endsWith('/') && kept.length > 0 ? '/' : '';
  return `/${kept.join('/')}${end}${url.slice(path.length)}`;
}
