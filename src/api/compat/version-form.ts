import { isVersionBefore } from '../address.js';
import type { EventMediaType } from '../events/media-type.js';

/** How answers look to a Docker client that speaks a version of the API. */
export interface VersionForm {
  /** The member `Containers` of listed networks: the containers of each, always empty, or absent. */
  readonly listedContainers: 'attached' | 'none' | 'absent';
  readonly showsEnableIpv4: boolean;
  /** Whether a pool has the gateway that its client left out, and no spelling that clients of Docker 29 cannot read. */
  readonly showsAllocatedPools: boolean;
  readonly showsStatus: boolean;
  /** Media type of events for a client that asks for none. */
  readonly eventMediaType: EventMediaType;
}

const oldest: VersionForm = {
  listedContainers: 'attached',
  showsEnableIpv4: false,
  showsAllocatedPools: false,
  showsStatus: false,
  eventMediaType: 'application/json',
};

interface Change {
  /** The minor version; the major one is 1 in all of them. */
  readonly since: number;
  readonly brings: Partial<VersionForm>;
}

/**
 * Every change of answers about networks and events from 1.24 to 1.56, in ascending order.
 *
 * source: moby api/docs/CHANGELOG.md@api/v1.56.0; 1.52 also by what its engine sends, daemon/network.go (buildIPAMResources) and
 * api/types/network/summary.go@docker-v29.0.0
 */
const changes: readonly Change[] = [
  { since: 28, brings: { listedContainers: 'none' } },
  // 1.48 in moby. DIVERGES: Ansible's docker_network looks for it from 1.47 on.
  { since: 47, brings: { showsEnableIpv4: true } },
  {
    since: 52,
    brings: {
      listedContainers: 'absent',
      showsAllocatedPools: true,
      showsStatus: true,
      eventMediaType: 'application/jsonl',
    },
  },
];

/** Newest first. */
const forms = changes
  .map(({ since }, index) => ({
    since,
    form: Object.assign({ ...oldest }, ...changes.slice(0, index + 1).map(({ brings }) => brings)) as VersionForm,
  }))
  .toReversed();

/**
 * The same object for all versions of one form.
 *
 * @param version in the path; the newest form is for undefined, for versions yet to come, and for those that podnetd cannot read
 */
export function formOf(version: string | undefined): VersionForm {
  return forms.find(({ since }) => !isVersionBefore(version, 1, since))?.form ?? oldest;
}
