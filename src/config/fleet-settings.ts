import { formatCidr } from '../ip/cidr.js';
import type { Config } from './config.js';
import type { FleetSettings } from './fleet.js';
import type { Setting } from './setting.js';

type OfStore = Extract<FleetSettings, { kind: 'store' }>;

/** The settings of `[fleet]`. A password is in none of them. */
export const fleetSettings: readonly Setting[] = [
  {
    name: 'fleet-pools',
    value: ({ fleet }) =>
      fleet?.pools.map(({ base, blockBits, prefixBits }) => ({
        base: formatCidr(base),
        block: blockBits,
        size: prefixBits,
      })),
    ownKey: 'fleet.pools',
    isLive: true,
  },
  {
    name: 'fleet-host-index',
    value: ({ fleet }) => (fleet?.kind === 'index' ? fleet.hostIndex : undefined),
    ownKey: 'fleet.host_index',
    isLive: true,
  },
  { name: 'fleet-endpoints', value: ofStore(({ store }) => store.endpoints), ownKey: 'fleet.endpoints' },
  { name: 'fleet-ca', value: ofStore(({ store }) => store.ca), ownKey: 'fleet.ca' },
  { name: 'fleet-cert', value: ofStore(({ store }) => store.cert), ownKey: 'fleet.cert' },
  { name: 'fleet-key', value: ofStore(({ store }) => store.key), ownKey: 'fleet.key' },
  { name: 'fleet-user', value: ofStore(({ store }) => store.user), ownKey: 'fleet.user' },
  { name: 'fleet-password-file', value: ofStore(({ store }) => store.passwordFile), ownKey: 'fleet.password_file' },
  { name: 'fleet-prefix', value: ofStore(({ store }) => store.prefix), ownKey: 'fleet.prefix' },
  { name: 'fleet-host', value: ofStore(({ host }) => host), ownKey: 'fleet.host' },
  {
    name: 'fleet-state-file',
    value: ofStore(({ stateFile }) => stateFile),
    ownKey: 'fleet.state_file',
    variables: ['XDG_STATE_HOME', 'HOME'],
  },
];

function ofStore(
  value: (fleet: OfStore) => ReturnType<Setting['value']>,
): (config: Config) => ReturnType<Setting['value']> {
  return ({ fleet }) => (fleet?.kind === 'store' ? value(fleet) : undefined);
}
