import { podnetdVersion } from '../../api/handshake/versions.js';

/** Text of a manual page, already in roff. */
export type Roff = string & { readonly kind?: 'roff' };

/** A text for readers. A dash stays the ASCII one, so that flags can be searched and copied; source: groff_char(7). */
export function plain(text: string): Roff {
  return text
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1');
}

export function bold(text: string): Roff {
  return `\\fB${plain(text)}\\fR`;
}

export function italic(text: string): Roff {
  return `\\fI${plain(text)}\\fR`;
}

export function paragraph(text: Roff): Roff {
  return `.PP\n${text}\n`;
}

export function subsection(title: string, ...parts: readonly Roff[]): Roff {
  return `.SS ${quote(title)}\n${parts.join('')}`;
}

export function section(title: string, ...parts: readonly Roff[]): Roff {
  return `.SH ${quote(title)}\n${parts.join('')}`;
}

/** A term, and its description below it. */
export function item(term: Roff, ...paragraphs: readonly Roff[]): Roff {
  return `.TP\n${term}\n${paragraphs.join('\n.IP\n')}\n`;
}

/** Lines that stay as they are. */
export function code(text: string): Roff {
  return `.PP\n.RS 4\n.nf\n${plain(text.trimEnd())}\n.fi\n.RE\n`;
}

export interface PageHead {
  readonly name: string;
  readonly section: 1 | 5 | 7;
  /** A phrase without a full stop. */
  readonly summary: string;
}

/** A whole page. It has no date, so that one source makes the same bytes on every day. */
export function page({ name, section: number, summary }: PageHead, ...parts: readonly Roff[]): Roff {
  return [
    '.\\" Made by `npm run pages` from the declarations of podnetd.\n',
    `.TH ${quote(name.toUpperCase())} ${number} "" ${quote(`podnetd ${podnetdVersion}`)} ${quote(manuals[number])}\n`,
    // Words are neither broken nor stretched, so that flags and paths can be copied.
    '.nh\n.ad l\n',
    section('NAME', `${plain(`${name} - ${summary}`)}\n`),
    ...parts,
  ].join('');
}

const manuals = { 1: 'User Commands', 5: 'File Formats', 7: 'Miscellaneous' } as const;

/** An argument of a macro. */
function quote(text: string): Roff {
  return `"${plain(text).replaceAll('"', '\\(dq')}"`;
}

/** `podnetd(1)` with the name in bold. */
export function reference(pageName: string): Roff {
  const [name = pageName, rest = ''] = pageName.split(/(?=\()/);
  return `${bold(name)}${plain(rest)}`;
}
