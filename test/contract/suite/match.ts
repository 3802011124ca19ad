import { readFileSync } from 'node:fs';
import path from 'node:path';
import { idOf } from '../dialects.js';

const placeholders: Readonly<Record<string, string>> = {
  '<device>': String.raw`cni-podman\d+`,
  '<time>': String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)`,
  // Three bytes of a free subnet, which depends on the other networks of a real host.
  '<free>': String.raw`10\.\d+\.\d+`,
  // Counts that depend on the DNS servers of a real host.
  '<number>': String.raw`\d+`,
  '<revision>': '[0-9a-f]{32}',
  '<base64>': '[A-Za-z0-9+/]+={0,2}',
};

/**
 * An answer as a regular expression: `<id NAME>` is a network's id, `<file NAME>` its file in base64, `<folder>` the folder of the file.
 * The other placeholders stand for values that differ from run to run.
 */
export function compileExpected(text: string, configFolder: string): RegExp {
  const known = text
    .replaceAll(/<id ([^>]+)>/g, (_found, name: string) => idOf(name))
    .replaceAll(/<file ([^>]+)>/g, (_found, name: string) =>
      readFileSync(path.join(configFolder, `${name}.conflist`)).toString('base64'),
    )
    .replaceAll('<folder>', configFolder);
  const pattern = known
    .split(/(<[a-z0-9]+>)/)
    .map((part) => placeholders[part] ?? part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  return new RegExp(`^${pattern.join('')}$`);
}
