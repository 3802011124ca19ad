import type { StringMap } from './network.js';

/** A label that a network has to have to be seen. */
export interface LabelScope {
  readonly key: string;
  readonly value: string;
}

/** The rule of {@link parseLabelScope}, as words behind "is not". */
export const labelScopeForm = 'KEY=VALUE, as team=x';

/** @returns undefined for a text of another form */
export function parseLabelScope(text: string): LabelScope | undefined {
  const at = text.indexOf('=');
  return at < 1 ? undefined : { key: text.slice(0, at), value: text.slice(at + 1) };
}

export function formatLabelScope({ key, value }: LabelScope): string {
  return `${key}=${value}`;
}

export function isInScope({ labels }: { readonly labels: StringMap }, { key, value }: LabelScope): boolean {
  return labels.get(key) === value;
}
