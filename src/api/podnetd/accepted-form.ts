import type { ExpositionForm } from '../../network/dependencies/exposition.js';

/** The media type of each form. */
export const expositionTypes: Readonly<Record<ExpositionForm, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Each form as `Accept` names it; without a version it stands for the one that podnetd has. */
const offers = [
  { form: 'prometheus', type: 'text/plain', version: '0.0.4' },
  { form: 'openmetrics', type: 'application/openmetrics-text', version: '1.0.0' },
] as const;

/**
 * The form that the header `Accept` names with the highest weight, the first of several. Wildcards, and a header that names neither, get
 * Prometheus's own, as in Prometheus's clients.
 *
 * source: prometheus/common expfmt/encode.go@v0.45.0 (NegotiateIncludingOpenMetrics)
 */
export function chooseForm(accept = ''): ExpositionForm {
  let best: { readonly form: ExpositionForm; readonly weight: number } = { form: 'prometheus', weight: 0 };
  for (const wish of accept.split(',')) {
    const [type, ...parameters] = wish.split(';').map((part) => part.trim().toLowerCase());
    const valueOf = (name: string) => parameters.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
    const version = valueOf('version');
    const offer = offers.find((one) => one.type === type && (version ?? one.version) === one.version);
    const weight = Number(valueOf('q') ?? '1');
    if (offer !== undefined && weight > best.weight) best = { form: offer.form, weight };
  }
  return best.form;
}
