import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { readTextFile } from '../host/files/config-files.js';
import { EtcdStore } from './etcd/etcd-store.js';
import type { FleetLate, StoreSettings } from './fleet.js';
import { HostClaimsEngine, unseen } from './host-claims-engine.js';
import { findHostToRelease as find } from './host-release.js';
import { openFleetFile, readFleetFile } from './own/fleet-file.js';
import type { Surroundings } from './given/parts.js';
import { viewFleet } from './report.js';
import { StoreError } from './store/claim-store.js';
import { Keys } from './store/keys.js';

/** The engine of a fleet, which the bundler puts into a file of its own: only a host that claims blocks in a store reads it. */

const reportMs = 2_000;

const surroundings: Surroundings = {
  now: () => performance.now(),
  time: () => new Date(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  makeToken: () => randomUUID(),
};

export const openFleet: FleetLate['openFleet'] = (settings, { lookAtUse, log }) => {
  const file = openFleetFile(settings.stateFile, settings.host);
  const { host, pools, store } = settings;
  return new HostClaimsEngine({
    identity: { host, name: os.hostname(), session: randomUUID(), bootId: readBootId(), pools },
    prefix: store.prefix,
    file,
    lookAtUse,
    surroundings,
    log,
    store: new EtcdStore(store),
  });
};

export const readOwnBlocks: FleetLate['readOwnBlocks'] = (stateFile) => readFleetFile(stateFile)?.blocks ?? [];

export const reportFleet: FleetLate['reportFleet'] = async (settings, limit) => {
  const { host, pools, stateFile } = settings;
  const own = { kind: 'store', host, name: os.hostname(), ownBlocks: readOwnBlocks(stateFile) } as const;
  return await withStore(settings, async (store, keys) => {
    const rest = { ...own, collisions: [], problems: [] };
    try {
      const view = await viewFleet(store, keys, pools, limit, performance.now() + reportMs);
      const { endpoint, clusterId } = store.state;
      return { ...rest, ...view, store: { isReachable: true, endpoint, clusterId, error: undefined } };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const { endpoint, clusterId } = store.state;
      const problems = [{ code: 'store-unreachable', reason: error.message }] as const;
      const state = { isReachable: false, endpoint, clusterId, error: error.message };
      return { ...rest, ...unseen(pools), problems, store: state };
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
