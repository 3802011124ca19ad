import { checks } from '../../doctor/checks/all.js';
import { bold, code, item, page, paragraph, plain, section, type Roff } from './roff.js';
import { seeAlso } from './see-also.js';
import { finish } from './sentence.js';

/** podnetd-doctor(7). */
export function doctorPage(): Roff {
  return page(
    { name: 'podnetd-doctor', section: 7, summary: 'the findings of podnetd doctor' },
    section('DESCRIPTION', ...about.map((text) => paragraph(plain(text)))),
    section(
      'CODES',
      ...checks.map(({ code: name, severity, title, why, fix, follows }) =>
        item(
          `${bold(name)} ${plain(`(${severity})`)}`,
          plain(`${title}. ${why}`),
          plain(fix === undefined ? 'podnetd doctor --fix leaves it alone.' : `podnetd doctor --fix ${fix}.`),
          ...(follows.length === 0 ? [] : [plain(`May follow from ${follows.join(', ')}.`)]),
        ),
      ),
    ),
    section(
      'EXAMPLES',
      paragraph(plain(finish('clean up after a crash, and see first what would be done'))),
      code('podnetd doctor --dry-run\npodnetd doctor --fix'),
      paragraph(plain(finish('look for one code, for a program'))),
      code('podnetd doctor --json --only lease-orphan'),
    ),
    seeAlso('podnetd-doctor(7)'),
  );
}

const about = [
  'podnetd doctor (see podnetd(1)) and GET /podnetd/v1/doctor look at the whole of CNI on a host. A code is stable; the words of a finding are not.',
  'The severity "error" is for what containers lose now, "warning" for what is left over or will fail, and "note" for what is worth knowing. ' +
    'podnetd doctor exits with 1 for an error or a warning.',
  'A finding names the code that it follows from, if it has one, and goes when that is mended.',
  '--fix acts under the locks and with the plugins of every other change. It leaves alone what lives, and the files, links and rules of other programs.',
];
