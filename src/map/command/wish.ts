import path from 'node:path';
import { ConfigError } from '../../config/config-error.js';
import type { GivenOptions } from '../../config/option.js';
import { readName, readSocket } from '../../config/values.js';
import type { Subject } from '../drawing/view.js';
import type { Wanted } from '../source/find.js';
import { findOtherKind } from '../../host/files/replace-file.js';

/** What a command line of `map` asks for. */
export interface MapWish extends Wanted {
  readonly subject: Subject;
  /** A path: the file of a page. */
  readonly form: 'terminal' | 'json' | { readonly page: string };
}

/** @throws ConfigError */
export function readWish(options: GivenOptions): MapWish {
  const last = (name: string) => options.get(name)?.at(-1);
  const [page, socket] = [last('html'), last('socket')];
  const folderFlag = ['cni-config-dir', 'config'].find((name) => options.has(name));
  if (page !== undefined && options.has('json'))
    throw new ConfigError(`--json and --html ${page}: a map has one form; leave one of the two out`);
  if (socket !== undefined && folderFlag !== undefined)
    throw new ConfigError(
      `--socket ${socket} and --${folderFlag} ${last(folderFlag) ?? ''}: a map shows the networks of a daemon or of a folder; leave one of the two out`,
    );
  return {
    subject: options.has('fleet') ? 'fleet' : 'host',
    form: page === undefined ? (options.has('json') ? 'json' : 'terminal') : { page: readPage(page) },
    socket: socket === undefined ? undefined : readSocket('--socket', socket),
    folderFlag,
  };
}

function readPage(value: string): string {
  const file = path.resolve(readName('--html', value));
  const kind = value.endsWith('/') ? 'a folder' : findOtherKind(file);
  if (kind !== undefined)
    throw new ConfigError(`--html ${value}: ${kind}; give the name of a new file or of a plain one`);
  return file;
}
