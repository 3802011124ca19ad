import { formatCidr } from '../../ip/cidr.js';
import { isSubnet } from '../../ip/prefix-size.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import type { TakenPrefixes } from '../addresses/claims.js';
import type { SubnetExplanation } from '../addresses/explanation.js';
import type { HostFacts } from '../dependencies/draft.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { explainRequest } from './explain-request.js';
import { wantedSubnets } from './plan-subnets.js';

/** All that the explanation of one subnet from the pools rests on. */
interface Basis {
  /** Stands for the folder and the host. */
  readonly revision: string;
  /** Has which link each prefix belongs to, which the revision leaves out. */
  readonly host: HostFacts;
  /** Has the reasons of reservations, which the revision leaves out. */
  readonly settings: NetworkSettings;
  /** Wanted and chosen. */
  readonly subnet: string;
}

/**
 * Explains requests as {@link explainRequest}. While nothing changes, plans that get one subnet from the pools share an explanation, which is the
 * same object.
 */
export class LastExplanation {
  #last: { readonly basis: Basis; readonly explanation: readonly SubnetExplanation[] } | undefined;

  /** @param taken as a draft without changes has it @param revision of that draft and the settings */
  explain(
    request: CheckedRequest,
    planned: Pick<PlannedNetwork, 'name' | 'subnets'> | undefined,
    taken: TakenPrefixes,
    settings: NetworkSettings,
    revision: string,
  ): readonly SubnetExplanation[] {
    const explain = () => explainRequest(request, planned, taken, settings);
    const subnet = planned && describeOnly(request, planned);
    if (subnet === undefined) return explain();
    const basis = { revision, host: taken.host, settings, subnet };
    if (this.#last === undefined || !isSame(this.#last.basis, basis)) this.#last = { basis, explanation: explain() };
    return this.#last.explanation;
  }
}

/** The only subnet of a network; undefined for several, whose explanations name each other, and for one that the request names. */
function describeOnly(request: CheckedRequest, { subnets }: Pick<PlannedNetwork, 'subnets'>): string | undefined {
  const [wanted, ...others] = wantedSubnets(request);
  const [subnet] = subnets;
  if (wanted === undefined || isSubnet(wanted) || others.length > 0 || subnet === undefined) return undefined;
  return `${wanted.prefixBits} ${formatCidr(subnet.cidr)}`;
}

function isSame(a: Basis, b: Basis): boolean {
  return a.revision === b.revision && a.host === b.host && a.settings === b.settings && a.subnet === b.subnet;
}
