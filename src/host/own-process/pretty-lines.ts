import { prettyFactory } from 'pino-pretty';

/** Characters that a terminal acts on, but for line ends and, of the sequences, those that change the colour. */
const controls = new RegExp(`(?!\\n|${String.fromCharCode(0x1b)}\\[\\d+m)\\p{Cc}`, 'gu');

/** Makes readable lines of pino's JSON lines. The bundler puts this file and its packages beside the daemon, which loads it for a terminal alone. */
export function makePretty(withColours: boolean): (line: string) => string {
  const format = prettyFactory({
    colorize: withColours,
    ignore: 'pid',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  // Names and paths come from clients, and pino-pretty leaves control characters from U+0080 on in them.
  return (line) => format(line).replaceAll(controls, escape);
}

function escape(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
