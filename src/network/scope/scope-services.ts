import type { LabelScope } from '../../model/label-scope.js';
import type { AttachmentReader } from '../dependencies/attachments.js';
import type { FindDifferences } from '../dependencies/differences.js';
import type { NetworkWriter } from '../dependencies/draft.js';
import type { EventFeed } from '../dependencies/events.js';
import type { PluginFinder } from '../dependencies/plugins.js';
import type { SettingsSource } from '../dependencies/settings.js';
import type { NetworkReader } from '../dependencies/stored-network.js';
import { buildLeasedAddresses } from '../leased-addresses.js';
import { buildNetworkService } from '../network-service.js';
import { Problems } from '../problems.js';
import type { ScopedServices } from '../services.js';
import { withoutEffects } from '../without-effects.js';
import { ScopedAttachments } from './scoped-attachments.js';
import { ScopedEvents } from './scoped-events.js';
import { ScopedReader } from './scoped-reader.js';

export interface ScopeParts {
  readonly reader: NetworkReader;
  readonly attachments: AttachmentReader;
  readonly events: EventFeed;
  readonly findDifferences: FindDifferences;
  readonly plugins: PluginFinder;
  readonly settings: SettingsSource;
}

/**
 * The services of a socket that sees the networks of a label alone. They look: what changes something, and what is about the whole host as its pools,
 * fails, because a socket with a label refuses such requests before.
 */
export function scopeServices(parts: ScopeParts, scope: LabelScope): ScopedServices {
  const reader = new ScopedReader(parts.reader, scope);
  const attachments = new ScopedAttachments(parts.attachments, reader);
  const networks = buildNetworkService({ ...parts, ...withoutEffects, reader, attachments, writer: refusing });
  const changes = { create: refuse, ensure: refuse, remove: refuse, update: refuse, prune: refuse };
  return {
    networks,
    changes,
    changesOf: () => changes,
    previews: changes,
    planner: { plan: refuse },
    pools: { measure: refuse, findFree: refuse },
    metrics: { print: refuse },
    doctor: { examine: refuse },
    fleet: { state: undefined, report: refuse },
    attachments: { look: async () => await attachments.look(), connect: refuse, disconnect: refuse, collect: refuse },
    addresses: buildLeasedAddresses({ reader, attachments }),
    events: new ScopedEvents(parts.events, scope),
    problems: new Problems({
      reader,
      attachments,
      // An intent, the settings and the fleet are the host's.
      runtime: { unfinished: () => [], problems: () => [] },
      ofSettings: () => undefined,
      ofFleet: () => [],
    }),
  };
}

const refuse = async () => await Promise.reject(new TypeError('a socket with a label serves looks at networks alone'));

const refusing: NetworkWriter = { run: refuse };
