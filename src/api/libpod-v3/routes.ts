import { readConnectOptions } from '../connect-options.js';
import { addConnect, addDisconnect } from '../libpod/attach.js';
import { addExists } from '../libpod/exists.js';
import { addPrune } from '../libpod/prune.js';
import { addRemove } from '../libpod/remove.js';
import { goBooleans } from '../booleans.js';
import type { Dialect } from '../dialect.js';
import { libpodV3Overrides, libpodV3Statuses } from '../errors/statuses.js';
import { addEventRoute } from '../events/route.js';
import { addLibpodInfo } from '../libpod/info.js';
import { addSystemRoutes } from '../handshake/system.js';
import { addCreate } from './create.js';
import { libpodV3Texts } from './errors.js';
import { connectBodies } from './examples.js';
import { addInspect, addList } from './read.js';
import { V3ConnectBody, V3RemoveQuery } from './schemas.js';
import { variant } from './variant.js';
import { libpodV3Events } from './events.js';

/** The network half of libpod's API as Podman 3 served it. */
export const libpodV3: Dialect = {
  name: 'libpod-v3',
  statuses: libpodV3Statuses,
  overrides: libpodV3Overrides,
  texts: libpodV3Texts,
  booleans: goBooleans,
  showsRemedies: false,
  addRoutes(app, { networks, changesFor, attachments, events }, readMachine) {
    addSystemRoutes(app, 'libpodV3', readMachine);
    addLibpodInfo(app, 'libpodV3', readMachine);
    addEventRoute(app, events, libpodV3Events);
    addCreate(app, changesFor);
    addList(app, networks);
    addInspect(app, networks, '/networks/:name/json', 'libpodV3NetworkInspect');
    addInspect(app, networks, '/networks/:name', 'libpodV3NetworkInspectShort');
    addExists(app, networks, variant);
    addRemove(app, changesFor, variant, V3RemoveQuery);
    addPrune(app, changesFor, variant);
    addConnect(app, attachments, variant, { ...V3ConnectBody, examples: connectBodies }, (body) => ({
      container: body.Container ?? '',
      options: readConnectOptions({ aliases: body.Aliases }),
      warnings: [],
    }));
    addDisconnect(app, attachments, variant);
  },
};
