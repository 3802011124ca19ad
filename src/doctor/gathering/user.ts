import { linkNames } from '../../host/namespaces/namespace-view.js';
import { isLive, namespaceOf } from '../../host/programs/process-identity.js';
import { tapName } from '../../host/slirp4netns/process.js';
import { layOut } from '../../rootless/layout.js';
import { requireIdMappings } from '../../rootless/prerequisites.js';
import { readState } from '../../rootless/state.js';
import type { ErrorDetails } from '../../model/errors/catalogue.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { UserFacts } from '../facts/facts.js';

export interface UserLook {
  readonly facts: UserFacts;
  /** The network namespace that has the bridges, as `namespaceOf` returns it; undefined when there is none. */
  readonly netns: string | undefined;
}

/** The namespace of this user, by the record of it. */
export function lookAtUser(euid: number, runtimeDir: string): UserLook {
  const state = readState(layOut(runtimeDir).stateFile);
  const isKept = state !== undefined && isLive(state.keeper);
  return {
    facts: {
      hasState: state !== undefined,
      isKept,
      isPlugged: isKept && linkNames(state.keeper.pid).includes(tapName),
      lack: isKept ? undefined : findLack(euid),
    },
    netns: isKept ? namespaceOf(state.keeper.pid, 'net') : undefined,
  };
}

function findLack(euid: number): UserFacts['lack'] {
  try {
    requireIdMappings(euid, process.getegid?.() ?? euid);
    return undefined;
  } catch (error) {
    if (!(error instanceof NetworkError) || error.code !== 'rootlessUnready') throw error;
    return error.details as ErrorDetails['rootlessUnready'];
  }
}
