import { program } from '../../commands/program.js';
import { paragraph, reference, section, type Roff } from './roff.js';

/** The last section of a page: podnetd's other pages, and then pages of other programs. @param self the page, as `podnetd(1)` */
export function seeAlso(self: string, ...others: readonly string[]): Roff {
  const pages = [...program.pages.filter((name) => name !== self), ...others];
  return section('SEE ALSO', paragraph(pages.map(reference).join(', ')));
}
