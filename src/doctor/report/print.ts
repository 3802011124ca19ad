import { makePrintable } from '../../host/own-process/printable.js';
import type { OutputForm } from '../../host/own-process/terminal.js';
import type { DoctorView, FindingBody, RepairBody } from './view.js';

/** Parameters of SGR; source: ECMA-48, 8.3.117. */
const inks: Readonly<Record<string, string>> = { error: '1;31', warning: '33', note: '2' };

/** The findings for a terminal; one that follows from another stands below that one. */
export function printFindings(view: DoctorView, form: OutputForm): string {
  const { findings, repairs = [] } = view;
  const blocks = [
    ...(repairs.length === 0 ? [] : [repairs.map(describeRepair).join('')]),
    ...findings.map((finding) => describe(finding, form)),
    `${describeSource(view)}: ${count(findings)}\n`,
  ];
  return blocks.join('\n');
}

function describe(
  { severity, code, title, seen, why, remedy, caused_by: cause }: FindingBody,
  form: OutputForm,
): string {
  const lines = [
    `${makePrintable(code)}: ${makePrintable(title)}`,
    `  Seen: ${makePrintable(seen)}`,
    // The cause says why.
    ...(cause === undefined ? [`  Why: ${makePrintable(why)}`] : [`  It follows from ${makePrintable(cause)} above.`]),
    `  Remedy: ${makePrintable(remedy)}`,
  ];
  const indent = cause === undefined ? '' : '    ';
  const [head = '', ...rest] = lines;
  return [`${paint(severity, form)} ${head}`, ...rest].map((line) => `${indent}${line}\n`).join('');
}

function paint(severity: string, { hasColours }: OutputForm): string {
  const ink = inks[severity];
  return hasColours && ink !== undefined ? `\u001b[${ink}m${severity}\u001b[0m` : makePrintable(severity);
}

function describeRepair({ code, seen, outcome, reason = '' }: RepairBody): string {
  const words = { done: 'repaired', planned: 'would repair', failed: 'could not repair' } as const;
  const why = outcome === 'failed' ? `: ${reason}` : '';
  return makePrintable(`${words[outcome]} ${code}: ${seen}${why}`) + '\n';
}

function describeSource({ source, hostName }: DoctorView): string {
  const who = 'daemon' in source ? `podnetd at ${source.daemon}` : `podnetd doctor, since ${source.reason}`;
  return makePrintable(`${hostName}, looked at by ${who}`);
}

function count(findings: readonly FindingBody[]): string {
  if (findings.length === 0) return 'nothing is wrong';
  const fixable = findings.filter((finding) => finding.fixable).length;
  const all = `${findings.length} finding${findings.length === 1 ? '' : 's'}`;
  return fixable === 0 ? all : `${all}, of which podnetd doctor --fix repairs ${fixable}`;
}
