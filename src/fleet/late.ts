import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { readTextFile } from '../host/files/config-files.js';
import { readClaims } from './claims/claimer.js';
import { EtcdStore } from './etcd/etcd-store.js';
import type { FleetLate, StoreSettings } from './fleet.js';
import { HostClaimsEngine, unseen } from './host-claims-engine.js';
import { findHostToRelease as find } from './host-release.js';
import { openFleetFile, readFleetFile } from './own/fleet-file.js';
import { machineSurroundings } from './given/machine-surroundings.js';
import { reportMs, viewFleet } from './report.js';
import { findCollisions } from './rounds/adopt.js';
import { StoreError } from './store/claim-store.js';
import { Keys } from './store/keys.js';

/** The engine of a fleet, which the bundler puts into a file of its own: only a host that claims blocks in a store reads it. */

export const openFleet: FleetLate['openFleet'] = (settings, { lookAtUse, log }) => {
  const file = openFleetFile(settings.stateFile, settings.host);
  const { host, pools, store } = settings;
  return new HostClaimsEngine({
    identity: { host, name: os.hostname(), session: randomUUID(), bootId: readBootId(), pools },
    prefix: store.prefix,
    file,
    lookAtUse,
    surroundings: machineSurroundings,
    log,
    store: new EtcdStore(store),
  });
};

export const readOwnBlocks: FleetLate['readOwnBlocks'] = (stateFile) => readFleetFile(stateFile)?.blocks ?? [];

export const reportFleet: FleetLate['reportFleet'] = async (settings, limit, lookAtUse) => {
  const { host, pools, stateFile } = settings;
  const own = { kind: 'store', host, name: os.hostname(), ownBlocks: readOwnBlocks(stateFile) } as const;
  return await withStore(settings, async (store, keys) => {
    const deadline = performance.now() + reportMs;
    try {
      const view = await viewFleet(store, keys, pools, limit, deadline);
      const inForce = own.ownBlocks.filter(({ state }) => state === 'own').map(({ block }) => block);
      const found = await findCollisions(
        { pools, own: inForce, host },
        await lookAtUse(),
        async (blocks) => await readClaims(store, keys, blocks, deadline),
      );
      const { endpoint, clusterId } = store.state;
      return { ...own, ...view, ...found, store: { isReachable: true, endpoint, clusterId, error: undefined } };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const { endpoint, clusterId } = store.state;
      const problems = [{ code: 'store-unreachable', reason: error.message }] as const;
      const state = { isReachable: false, endpoint, clusterId, error: error.message };
      return { ...own, ...unseen(pools), collisions: [], problems, store: state };
    }
  });
};

export const findHostToRelease: FleetLate['findHostToRelease'] = async (settings, host) => {
  const found = await withStore(settings, async (store, keys) => await find(store, keys, host));
  const release = async () =>
    await withStore(settings, async (store, keys) => await (await find(store, keys, host)).release());
  return { ...found, release };
};

async function withStore<T>(
  { store: settings }: StoreSettings,
  act: (store: EtcdStore, keys: Keys) => Promise<T>,
): Promise<T> {
  const store = new EtcdStore(settings);
  try {
    return await act(store, new Keys(settings.prefix));
  } finally {
    store.close();
  }
}

function readBootId(): string {
  return readTextFile('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}
