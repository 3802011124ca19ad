import type { Attachment } from '../../model/attachment.js';
import type { Severity } from '../../model/finding.js';
import type { Facts } from '../facts/facts.js';
import type { DnsmasqProcess } from '../facts/facts.js';

/** One act of `--fix`; each looks again whether it is still safe. */
export type Repair =
  /** Clears temporary files, by an empty batch. */
  | { readonly act: 'clear' }
  /** Ends or undoes the work of dead processes. */
  | { readonly act: 'finish' }
  /** Frees dead attachments and leases of a network. */
  | { readonly act: 'collect'; readonly network: string }
  /** Runs the plugins' DEL for an attachment that rules alone record. */
  | { readonly act: 'release'; readonly attachment: Attachment }
  | { readonly act: 'removeBridge'; readonly bridge: string }
  | { readonly act: 'endDnsmasq'; readonly dnsmasq: DnsmasqProcess };

/** One thing that a check saw. */
export interface Sighting {
  /** See {@link Finding.seen} and {@link Finding.remedy}. */
  readonly seen: string;
  readonly remedy: string;
  /** Keys of what it is about, such as `bridge cni-podman1`; a finding follows from one that shares a key with it. */
  readonly about: readonly string[];
  /** Undefined where `--fix` must leave it alone. */
  readonly repair?: Repair | undefined;
}

/** One code: its row of the table in podnetd-doctor(7), and the function from facts to sightings, which reads nothing else. */
export interface Check<C extends string = string> {
  readonly code: C;
  readonly severity: Severity;
  /** See {@link Finding.title} and {@link Finding.why}. */
  readonly title: string;
  readonly why: string;
  /** The act of `--fix`, as a phrase; undefined where `--fix` does nothing for this code. */
  readonly fix: string | undefined;
  /** Codes that this one may follow from. */
  readonly follows: readonly string[];
  look(facts: Facts): readonly Sighting[];
}

/** Keeps the code's literal type. */
export function declareCheck<const C extends string>(check: Check<C>): Check<C> {
  return check;
}
