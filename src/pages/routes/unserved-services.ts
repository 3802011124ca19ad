import type { Services } from '../../network/services.js';

const refuse = async () => await Promise.reject(new Error('not served'));

/** For readers of the routes' schemas, which make no request. */
export const unservedServices: Services = {
  networks: {
    defaultNetwork: 'podman',
    create: refuse,
    ensure: refuse,
    inspect: refuse,
    list: refuse,
    remove: refuse,
    prune: refuse,
  },
  attachments: { connect: refuse, disconnect: refuse, collect: refuse, look: refuse },
  events: {
    catchUp: refuse,
    range: () => ({ from: 0, to: 0, isOver: false }),
    begin: 0,
    end: 0,
    at: () => undefined,
    subscribe: () => () => undefined,
  },
  problems: { list: refuse },
};

export const unservedReadiness = { look: refuse };
