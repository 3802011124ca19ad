import { keysOf, type SettingsFile } from '../../config/declared-key.js';
import { bold, code, italic, item, page, paragraph, plain, section, subsection, type Roff } from './roff.js';
import { seeAlso } from './see-also.js';

/** The page of a file of settings in section 5. */
export function settingsPage(file: SettingsFile): Roff {
  const keys = keysOf(file);
  const titles = new Map(keys.map(({ table, isList }) => [table, isList ? `[[${table}]]` : `[${table}]`]));
  return page(
    { name: file.page, section: 5, summary: file.summary },
    section('DESCRIPTION', ...file.description.map((text) => paragraph(plain(text)))),
    section(
      'KEYS',
      ...Array.from(titles, ([table, title]) =>
        subsection(
          title,
          ...keys
            .filter((key) => key.table === table)
            .map(({ name, about, form, default: byDefault, since }) =>
              item(
                `${bold(name)} = ${italic(form)}`,
                plain(about),
                plain(`The default is ${byDefault}. Since podnetd ${since}.`),
              ),
            ),
        ),
      ),
    ),
    section('FILES', paragraph(plain('In this order:')), ...file.places.map((place) => item(italic(place), ''))),
    section('EXAMPLE', code(file.example)),
    seeAlso(`${file.page}(5)`, ...(file.name === file.page ? [] : [`${file.name}(5)`])),
  );
}
