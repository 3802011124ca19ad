import type { FilterSubject } from '../../model/filters/filters.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';

/** A network as filters see it. */
export function filterSubjectOf(
  stored: StoredNetwork,
  defaultNetwork: string,
  usersOf: (network: StoredNetwork) => readonly string[],
): FilterSubject {
  const isDefault = stored.network.name === defaultNetwork;
  return {
    network: stored.network,
    pluginTypes: typesOf(stored.conflist['plugins']),
    isDefault,
    isInUse: () => isDefault || usersOf(stored).length > 0,
  };
}

function typesOf(plugins: unknown): readonly string[] {
  if (!Array.isArray(plugins)) return [];
  return plugins.map((plugin: { readonly type?: unknown } | null) =>
    typeof plugin?.type === 'string' ? plugin.type : '',
  );
}
