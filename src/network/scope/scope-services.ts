import type { LabelScope } from '../../model/label-scope.js';
import { buildServices, type ServiceParts } from '../build-services.js';
import { Problems } from '../problems.js';
import type { ScopedServices } from '../services.js';
import { keepLabel } from './label-changes.js';
import { ScopedAttachments } from './scoped-attachments.js';
import { scopeWriter } from './scoped-draft.js';
import { ScopedEvents } from './scoped-events.js';
import { ScopedReader } from './scoped-reader.js';
import { ScopedRuntime } from './scoped-runtime.js';

/**
 * The services of a socket whose clients see and change the networks of a label alone. What is about the whole host, as its pools, fails, because a
 * socket with a label refuses such requests before.
 *
 * @param parts those of the whole host
 */
export function scopeServices(parts: ServiceParts, scope: LabelScope): ScopedServices {
  const reader = new ScopedReader(parts.reader, scope);
  const attachments = new ScopedAttachments(parts.attachments, reader);
  const runtime = new ScopedRuntime(parts.runtime, reader);
  const services = buildServices({
    ...parts,
    reader,
    attachments,
    runtime,
    host: runtime.host,
    writer: scopeWriter(parts.writer, scope),
    writerFor: (request) => scopeWriter(parts.writerFor(request), scope),
    preview: scopeWriter(parts.preview, scope),
  });
  return {
    ...services,
    changes: keepLabel(services.changes, scope),
    changesOf: (request) => keepLabel(services.changesOf(request), scope),
    previews: keepLabel(services.previews, scope),
    planner: { plan: refuse },
    pools: { measure: refuse, findFree: refuse },
    metrics: { print: refuse },
    doctor: { examine: refuse },
    events: new ScopedEvents(parts.events, scope),
    problems: new Problems({
      reader,
      attachments,
      // An intent, and the settings, are the host's.
      runtime: { unfinished: () => [], problems: () => [] },
      ofSettings: () => undefined,
    }),
  };
}

const refuse = async () => await Promise.reject(new TypeError('a socket with a label answers nothing about the host'));
