import { Files } from '../../src/host/files/files.js';
import { buildFolderLane } from '../../src/locks/folder-lane.js';
import type { WriteLane } from '../../src/locks/write-lane.js';

/** The write lane of a user's daemon on a folder. */
export function makeLane(folder: string, files = new Files()): WriteLane {
  return buildFolderLane(folder, files, {
    rootless: true,
    onLost: (error) => {
      throw error;
    },
  });
}
