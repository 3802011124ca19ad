import type { AttachmentReader } from './dependencies/attachments.js';
import type { AttachmentRuntime } from './dependencies/runtime.js';
import type { FileProblem, NetworkReader, StoredNetwork } from './dependencies/stored-network.js';

export interface ProblemSources {
  readonly reader: Pick<NetworkReader, 'problems' | 'list'>;
  readonly attachments: AttachmentReader;
  readonly runtime: Pick<AttachmentRuntime, 'unfinished' | 'problems'>;
  /** The fault that kept podnetd from reading its settings again; undefined when there is none. */
  ofSettings(): FileProblem | undefined;
  /** The problems of this host in its fleet. @param networks of the folder */
  ofFleet(networks: readonly StoredNetwork[]): readonly FileProblem[];
}

/** Gathers what keeps files from being used: those of networks, of the result cache, of leases, of settings, and intents; and what is wrong in the fleet. */
export class Problems {
  constructor(private readonly sources: ProblemSources) {}

  /** Files that cannot be used, and intents whose attachments can be neither made nor undone. @throws NetworkError storage */
  async list(): Promise<readonly FileProblem[]> {
    const { reader, attachments, runtime } = this.sources;
    const [problems, networks, view] = [await reader.problems(), await reader.list(), await attachments.look()];
    const faults = view.faults(networks).map(({ path, reason, line }) => ({ path, reason, line }));
    // Such attachments keep their networks in use.
    const stuck = runtime.unfinished().flatMap(({ path, failure }) => {
      return failure === undefined ? [] : [{ path, reason: failure, line: undefined }];
    });
    const ofSettings = this.sources.ofSettings();
    const others = [...runtime.problems(), ...(ofSettings ? [ofSettings] : []), ...this.sources.ofFleet(networks)];
    return [...problems, ...faults, ...stuck, ...others];
  }
}
