import type { Answer } from '../../support/client.js';
import type { DiskFault } from '../../support/faulty-disk.js';
import { textOf } from './decisions.js';
import type { Asking, Request } from './commands.js';
import { idOf } from './folder-model.js';

/** Where an answer says that the disk failed, and whether the disk of its daemon did. */

/** What fails in a run. */
export interface Circumstances {
  /** The disk of each daemon. */
  readonly disks: readonly (readonly DiskFault[])[];
  /** Networks of which cannot be told who leases their addresses. */
  readonly unreadable: readonly string[];
}

export const allIsWell: Circumstances = { disks: [], unreadable: [] };

/** An operation, what it was done to, and the error's name. */
const failureText = /\b(\w+) (\/\S+): (E[A-Z]+)\b/g;

/** Said of a file that was another one each time it was to be removed, and of one that could not be told from another. */
const busyText = /\/\S+ is being changed by another program/;

/** Each text that says of a file that it could not be changed, in the refusal or in the warnings of what was done in part. */
export function readFailures({ status, headers, text }: Answer): readonly string[] {
  const texts = status < 300 ? [headers['warning'] ?? ''] : [text];
  return texts.flatMap((said) => [
    ...[...said.matchAll(failureText)].map(([failure]) => failure),
    ...(busyText.exec(said) ?? []),
  ]);
}

/** Whether one who asks for that may be answered with this failure, if nothing but the disk has failed, and of that what was meant to. */
export function mayFail({ on, request }: Asking, failure: string, { disks, unreadable }: Circumstances): boolean {
  if (busyText.test(failure)) return (disks[on] ?? []).some(({ call }) => call === 'stat');
  const [, , target = '', error = ''] = new RegExp(failureText.source).exec(failure) ?? [];
  if (error === 'ELOOP')
    return unreadable.some((name) => target.endsWith(`/networks/${name}`) && asksForUse(request, name));
  return (disks[on] ?? []).some(
    (fault) => fault.error === error && (!fault.on.endsWith('.conflist') || isAbout(request, nameOf(fault.on))),
  );
}

function nameOf(fileName: string): string {
  return fileName.replace(/\.conflist$/, '');
}

function asksForUse(request: Request, name: string): boolean {
  if (request.kind === 'list') return request.filters.some(({ key }) => key === 'dangling');
  return request.kind !== 'create' && isAbout(request, name);
}

/** Whether a request may change that network. */
function isAbout(request: Request, name: string): boolean {
  switch (request.kind) {
    case 'create':
      return request.name === name || request.name === '';
    case 'remove': {
      const text = textOf(request.target);
      return text === name || idOf(name).startsWith(text);
    }
    case 'prune':
      return true;
    case 'list':
    case 'inspect':
    case 'exists':
      return false;
  }
}
