import type { DiskModel } from './disk-model.js';

/** Arguments for strace that record a program's changes to a folder, and its output and answers. */
export function recording(file: string): readonly string[] {
  const traced = 'openat,write,writev,fsync,link,linkat,unlink,unlinkat,rename,renameat,renameat2';
  return ['-f', '-y', '-s', '700', '-o', file, '-e', `trace=${traced}`];
}

export interface Call {
  readonly name: string;
  /** Paths of the call. An answer has the id of its request here, a line of standard output its text. */
  readonly paths: readonly string[];
  readonly text: string;
}

/** Calls in the order in which they ended; an unfinished line is joined with its rest. */
export function* readCalls(text: string): Generator<Call> {
  const begun = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest)?.[1];
    if (unfinished !== undefined) {
      begun.set(thread, unfinished);
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    const whole = resumed === undefined ? rest : (begun.get(thread) ?? '') + resumed;
    const call = readCall(whole);
    if (call !== undefined) yield call;
  }
}

function readCall(text: string): Call | undefined {
  const [, name = '', args = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/.exec(text) ?? [];
  if (name === '' || result === '-1') return undefined;
  const quoted = [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, value = '']) => value);
  const descriptor = /^\d+<([^>]*)>/.exec(args)?.[1] ?? '';
  if (name === 'write' && args.startsWith('1<')) {
    const line = unquote(quoted[0]);
    // Lines of the traced programs are JSON; a transpiler that such a program starts writes packets to an output of its own.
    return line.startsWith('{') ? { name: 'line', paths: [line], text } : undefined;
  }
  if (/^writev?$/.test(name)) {
    const answer = /HTTP\/1\.1 2\d\d.*?x-reference-id: ([0-9a-f-]{36})/.exec(args)?.[1];
    return answer === undefined
      ? { name: 'write', paths: [descriptor, unquote(quoted[0])], text }
      : { name: 'answer', paths: [answer], text };
  }
  if (name === 'fsync') return { name, paths: [descriptor], text };
  if (name === 'openat') return args.includes('O_CREAT') ? { name: 'create', paths: quoted, text } : undefined;
  if (args.includes('RENAME_EXCHANGE')) return { name: 'exchange', paths: quoted, text };
  return { name: name.replace(/at2?$/, ''), paths: quoted, text };
}

/** strace quotes as C does, which equals JSON for the texts of these tests. */
function unquote(text = ''): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

export function play(disk: DiskModel, { name, paths: [first = '', second = ''] }: Call): void {
  if (name === 'create') disk.create(first);
  else if (name === 'write') disk.write(first, second);
  else if (name === 'fsync') disk.sync(first);
  else if (name === 'link') disk.link(first, second);
  else if (name === 'rename') disk.rename(first, second);
  else if (name === 'exchange') disk.exchange(first, second);
  else if (name === 'unlink') disk.unlink(first);
}
