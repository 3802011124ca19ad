/** Commands of a page up to the output that the page shows for them. */
export interface Step {
  readonly commands: string;
  /** Lines of output that the page shows, or undefined. */
  readonly shown: string | undefined;
}

/** An empty line ends a step. Comment lines directly below a command are its output; comment lines that begin a paragraph are prose. */
export function stepsOf(block: string): readonly Step[] {
  const steps: Step[] = [];
  let commands: string[] = [];
  let shown: string[] = [];
  const end = () => {
    if (commands.length > 0)
      steps.push({ commands: commands.join('\n'), shown: shown.length > 0 ? shown.join('\n') : undefined });
    [commands, shown] = [[], []];
  };
  for (const line of block.split('\n')) {
    const isComment = line === '#' || line.startsWith('# ');
    if (isComment && commands.length > 0) shown.push(line.slice(2));
    else {
      if (shown.length > 0 || line === '') end();
      if (!isComment && line !== '') commands.push(line);
    }
  }
  end();
  return steps;
}

/** Whether the output is the one that a page shows: MAC addresses and times may differ, and `…` is any text. */
export function isShown(shown: string, output: string): boolean {
  const pattern = comparable(shown)
    .split('…')
    .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
    .join('[^\\n]*');
  return new RegExp(`^${pattern}$`).test(comparable(output));
}

function comparable(text: string): string {
  return text
    .trim()
    .replaceAll(/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, 'MAC')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, 'TIME')
    .replaceAll(/[ \t]+$/gm, '');
}
