import type { Patient } from '../patient/patient.js';
import { inLane } from './in-lane.js';

/**
 * Removes a bridge that no file of the folder names and that has no ports, and the rules that name it.
 *
 * @returns why it or its rules stay; undefined once they are gone @throws NetworkError busy, storage
 */
export async function removeUnusedBridge(daemon: Patient['daemon'], bridge: string): Promise<string | undefined> {
  const { reader, host } = daemon.parts;
  let stays: string | undefined;
  await inLane(daemon, async () => {
    await reader.refresh();
    if (reader.draft(host, undefined).hasBridge(bridge)) return;
    const removal = await host.removeBridge(bridge);
    if (typeof removal === 'object') stays = removal.stays;
    else if (removal === 'removed') stays = await host.removeBridgeRules([bridge], true);
  });
  return stays;
}
