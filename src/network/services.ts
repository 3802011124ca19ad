import type { LabelScope } from '../model/label-scope.js';
import type { AuditedRequest } from '../model/audited-request.js';
import type { AttachmentService } from './attachments/attachment-service.js';
import type { Doctor } from './dependencies/doctor.js';
import type { EventFeed } from './dependencies/events.js';
import type { Exposition } from './dependencies/exposition.js';
import type { Fleet } from './dependencies/fleet.js';
import type { LeasedAddresses } from './leased-addresses.js';
import type { NetworkChanges } from './network-changes.js';
import type { NetworkLooks } from './network-looks.js';
import type { NetworkPlanner } from './planner.js';
import type { Pools } from './pools.js';
import type { Problems } from './problems.js';

/** What podnetd serves, in the terms of no dialect; a route takes the part that it uses. */
export interface Services {
  readonly networks: NetworkLooks;
  readonly changes: NetworkChanges;
  /** The same, made for an audited request. */
  readonly changesOf: (request: AuditedRequest) => NetworkChanges;
  /** Answers as `changes` would, and changes nothing. */
  readonly previews: NetworkChanges;
  readonly planner: NetworkPlanner;
  readonly pools: Pools;
  readonly attachments: AttachmentService;
  readonly addresses: LeasedAddresses;
  readonly events: EventFeed;
  readonly problems: Pick<Problems, 'list'>;
  readonly metrics: Exposition;
  /** The services of a socket whose clients see the networks of a label alone. */
  readonly within: (label: LabelScope) => ScopedServices;
  readonly doctor: Doctor;
  readonly fleet: Fleet;
}

export type ScopedServices = Omit<Services, 'within'>;
