import { NetworkError } from '../../model/errors/errors.js';
import type { ExpectedTags } from '../../model/revision.js';
import type { NetworkWriter } from '../dependencies/draft.js';
import type { PluginFinder } from '../dependencies/plugins.js';
import type { SettingsSource } from '../dependencies/settings.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';
import { isOvertaken, maxTries } from '../remove/check-removable.js';
import { checkTag } from '../condition/etag.js';
import { planUpdate } from './plan-update.js';
import { gatherUpdatePlugins } from './plugin-facts.js';
import type { Effects, Wish } from './wanted-facts.js';

export interface UpdatedNetwork extends StoredNetwork, Effects {
  /** Containers that keep the old state of what is for new attachments: names, else ids. */
  readonly users: readonly string[];
  readonly warnings: readonly string[];
}

export interface UpdateParts {
  readonly reader: NetworkReader;
  readonly writer: NetworkWriter;
  readonly plugins: PluginFinder;
  readonly settings: SettingsSource;
  /** Ends the work of dead processes, which otherwise keeps a network in use. */
  repair(): Promise<void>;
}

/**
 * Changes a network in its file; a change that gives it nothing new writes nothing.
 *
 * @throws NetworkError any kind but plugin; outdated only with `expected`
 */
export async function updateNetwork(
  nameOrId: string,
  wish: Wish,
  expected: ExpectedTags,
  parts: UpdateParts,
): Promise<UpdatedNetwork> {
  const { reader, writer, plugins } = parts;
  const settings = parts.settings.current;
  await parts.repair();
  for (let tries = 1; ; tries += 1) {
    const known = await gatherUpdatePlugins(await reader.find(nameOrId), plugins);
    try {
      return await writer.run((draft) => {
        const stored = draft.find(nameOrId);
        checkTag(stored, expected);
        checkChangeable(stored);
        // Another network has the name by now.
        if (stored.network.driver !== known.driver)
          throw new NetworkError('fileOvertaken', { path: stored.path ?? '' });
        const { changed, warnings, ...effects } = planUpdate(stored, wish(stored.network), {
          draft,
          settings,
          plugins: known,
        });
        const users = effects.forNewAttachments.length === 0 ? [] : draft.usersOf(stored);
        if (Object.keys(changed).length === 0) return () => ({ ...stored, ...effects, users, warnings });
        const read = draft.replace(stored, changed);
        return () => {
          const { network, warnings: left } = read();
          return { ...network, ...effects, users, warnings: [...warnings, ...left] };
        };
      }, 'host');
    } catch (error) {
      if (!isOvertaken(error) || tries === maxTries) throw error;
    }
  }
}

/** @throws NetworkError forbidden */
function checkChangeable({ network: { name }, foreign, path }: StoredNetwork): void {
  if (foreign) throw new NetworkError('networkForeignChange', { name, path: path ?? '' });
}
