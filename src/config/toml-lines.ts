/**
 * Finds the line (from 1) on which a key of a TOML text is set; the parser tells positions of syntax errors only.
 *
 * @param key as in `network.default_subnet`
 * @returns undefined where the text writes it in a way that is not understood here (an inline table, say)
 */
export function findKeyLine(text: string, key: string): number | undefined {
  let table = '';
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[\[?\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (header !== undefined) table = plain(header);
    const assigned = /^\s*([A-Za-z0-9_."'-]+(?:\s*\.\s*[A-Za-z0-9_"'-]+)*)\s*=/.exec(line)?.[1];
    const full = assigned === undefined ? table : [table, plain(assigned)].filter((part) => part !== '').join('.');
    if (full === key) return index + 1;
  }
  return undefined;
}

function plain(key: string): string {
  return key.replaceAll(/["'\s]/g, '');
}
