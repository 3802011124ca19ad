import { deviceNumber } from '../../model/names.js';
import { declareCheck } from './check.js';
import { key } from '../facts/key.js';
import { portsByLink } from '../facts/lookups.js';
import { listNames } from './words.js';

export const bridgeUnused = declareCheck({
  code: 'bridge-unused',
  severity: 'warning',
  title: 'No network names a bridge that podnetd or Podman made',
  why: 'The kernel still routes the subnet of the network that is gone, so no network gets that subnet or the name of the bridge.',
  fix: 'removes the bridge and the rules that name it, under the lock, if nothing is plugged into it',
  follows: [],
  look: ({ kernel }) =>
    (kernel?.links ?? [])
      .filter(({ name, kind, isNamed }) => kind === 'bridge' && !isNamed && deviceNumber(name) !== undefined)
      .map(({ name }) => {
        const ports = kernel === undefined ? [] : (portsByLink(kernel).get(name) ?? []).map((port) => port.name);
        const isEmpty = ports.length === 0;
        return {
          seen: `bridge ${name}${isEmpty ? '' : `, with ${listNames('port', ports)}`}`,
          remedy: isEmpty
            ? 'podnetd doctor --fix --only bridge-unused'
            : `stop the containers behind it ("bridge link show master ${name}" lists their ends), then "ip link delete ${name}"`,
          about: [key.bridge(name)],
          repair: isEmpty ? { act: 'removeBridge', bridge: name } : undefined,
        };
      }),
});
