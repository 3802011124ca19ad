/** Names that a text shows at most. */
const mostNames = 5;

/** `network web`, `networks a, b and 3 more`. @param noun in the singular */
export function listNames(noun: string, names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  const others = names.length - mostNames;
  return `${noun}${names.length === 1 ? '' : 's'} ${shown}${others > 0 ? ` and ${others} more` : ''}`;
}
