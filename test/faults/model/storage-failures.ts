import type { Answer } from '../../support/client.js';
import type { DiskFault } from '../../support/faulty-disk.js';
import { textOf } from './decisions.js';
import type { Asking, Request } from './commands.js';
import { idOf } from './folder-model.js';

/** Failures of the disk in an answer, and whether the disk of the daemon had them. */

/** Faults of a run. */
export interface Circumstances {
  /** Faults of each daemon's disk. */
  readonly disks: readonly (readonly DiskFault[])[];
  /** Networks whose leases cannot be read. */
  readonly unreadable: readonly string[];
}

export const allIsWell: Circumstances = { disks: [], unreadable: [] };

/** An operation, its path, and the error's name. */
const failureText = /\b(\w+) (\/\S+): (E[A-Z]+)\b/g;

/** The message for a file that was replaced before each try to remove it, or that podnetd cannot identify. */
const busyText = /\/\S+ is being changed by another program/;

/** Each text of a failed change to a file, in a refusal or in the warnings of an answer. */
export function readFailures({ status, headers, text }: Answer): readonly string[] {
  const texts = status < 300 ? [headers['warning'] ?? ''] : [text];
  return texts.flatMap((said) => [
    ...[...said.matchAll(failureText)].map(([failure]) => failure),
    ...(busyText.exec(said) ?? []),
  ]);
}

/** Whether the faults of this run may cause this failure in the answer to this request. */
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
    case 'update':
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
