/** Columns that a terminal has unless its user widens it. */
const width = 80;
/** A first column that is wider puts its text on the next line. */
const widestFirst = 28;

/** Words that spaces separate, in lines of at most `columns` characters; a longer word has a line of its own. */
export function wrap(text: string, columns = width): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A list of terms with their descriptions beside them, indented by two. */
export function formatTerms(terms: readonly (readonly [term: string, description: string])[]): string {
  const first = Math.min(widestFirst, Math.max(...terms.map(([term]) => term.length)));
  const indent = ' '.repeat(first + 4);
  return terms
    .map(([term, description]) => {
      const lines = wrap(description, width - indent.length).join(`\n${indent}`);
      const head = term.length > first ? `  ${term}\n${indent}` : `  ${term.padEnd(first)}  `;
      return `${head}${lines}\n`;
    })
    .join('');
}
