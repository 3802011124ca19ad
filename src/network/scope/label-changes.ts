import { NetworkError } from '../../model/errors/errors.js';
import { formatLabelScope, isInScope, type LabelScope } from '../../model/label-scope.js';
import type { StringMap } from '../../model/network.js';
import type { NetworkChanges } from '../network-changes.js';

/** The same changes, by which new networks get a label and no network loses it. */
export function keepLabel(changes: NetworkChanges, scope: LabelScope): NetworkChanges {
  return {
    ...changes,
    create: async (request, expected) =>
      await changes.create({ ...request, labels: giveLabel(request.labels, scope) }, expected),
    ensure: async (request, expected) =>
      await changes.ensure({ ...request, labels: giveLabel(request.labels, scope) }, expected),
    update: async (nameOrId, wish, expected) => {
      return await changes.update(
        nameOrId,
        (current) => {
          const wanted = wish(current);
          if (wanted.labels !== undefined && !isInScope({ labels: wanted.labels }, scope)) refuse(wanted.labels, scope);
          return wanted;
        },
        expected,
      );
    },
  };
}

/** @throws NetworkError forbidden */
function giveLabel(labels: StringMap, scope: LabelScope): StringMap {
  if (labels.has(scope.key) && !isInScope({ labels }, scope)) refuse(labels, scope);
  return new Map([...labels, [scope.key, scope.value]]);
}

function refuse(labels: StringMap, scope: LabelScope): never {
  const { key } = scope;
  throw new NetworkError('labelContradicted', { key, value: labels.get(key), scope: formatLabelScope(scope) });
}
