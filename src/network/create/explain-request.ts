import { isSubnet } from '../../ip/prefix-size.js';
import type { Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import { chooseSubnets } from '../addresses/choose-subnets.js';
import type { TakenPrefixes } from '../addresses/claims.js';
import { findCollisions } from '../addresses/collisions.js';
import { explainSubnets } from '../addresses/explain.js';
import type { SubnetExplanation } from '../addresses/explanation.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { wantedSubnets } from './plan-subnets.js';

/**
 * Why a request gets its subnets, or which of them it cannot have, every one.
 *
 * @param planned the network that `planNetwork` made of it; undefined when it refused the request, whatever for
 */
export function explainRequest(
  request: CheckedRequest,
  planned: Pick<PlannedNetwork, 'name' | 'subnets'> | undefined,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): readonly SubnetExplanation[] {
  const wanted = wantedSubnets(request);
  const chosen = planned?.subnets.map(({ cidr }) => cidr) ?? chooseAlone(wanted, request, taken, settings);
  const decided = wanted.map((one, index) => ({ wanted: isSubnet(one) ? one.cidr : one, chosen: chosen[index] }));
  return explainSubnets(decided, planned?.name ?? request.name, request, taken, settings);
}

/** The subnets of a refused request that it could have without the others; undefined in the place of each that it could not. */
function chooseAlone(
  wanted: ReturnType<typeof wantedSubnets>,
  request: CheckedRequest,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): readonly (Cidr | undefined)[] {
  const named = wanted.filter(isSubnet).map(({ cidr }) => cidr);
  const had = named.filter((cidr) => findCollisions(cidr, request, taken, settings).next().done === true);
  const open = wanted.flatMap((one) => (isSubnet(one) ? [] : [one]));
  const chosen = tryChoose(() => chooseSubnets(open, had, taken, settings).cidrs);
  return wanted.map((one) => {
    if (isSubnet(one)) return had.includes(one.cidr) ? one.cidr : undefined;
    return chosen[open.indexOf(one)];
  });
}

function tryChoose(choose: () => readonly Cidr[]): readonly Cidr[] {
  try {
    return choose();
  } catch (error) {
    if (error instanceof NetworkError) return [];
    throw error;
  }
}
