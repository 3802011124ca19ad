import type { RouteServices } from '../../api/dialect.js';

const refuse = async () => await Promise.reject(new Error('not served'));

const changes = { create: refuse, ensure: refuse, update: refuse, remove: refuse, prune: refuse };

/** For readers of the routes' schemas, which make no request. */
export const unservedServices: RouteServices = {
  networks: { defaultNetwork: 'podman', etagOf: () => '', subnetPools: [], inspect: refuse, list: refuse },
  changesFor: () => changes,
  planner: { plan: refuse },
  pools: { measure: refuse, findFree: refuse },
  attachments: { connect: refuse, disconnect: refuse, collect: refuse, look: refuse },
  addresses: { look: refuse, measure: () => [] },
  events: {
    catchUp: refuse,
    range: () => ({ from: 0, to: 0, isOver: false }),
    begin: 0,
    end: 0,
    at: () => undefined,
    subscribe: () => () => undefined,
  },
  problems: { list: refuse },
  metrics: { print: refuse },
  doctor: { examine: refuse },
  fleet: { state: undefined, report: refuse },
};

export const unservedReadiness = { look: refuse };
