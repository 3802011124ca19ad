import { readConnectOptions } from '../connect-options.js';
import { goBooleans } from '../booleans.js';
import type { Dialect } from '../dialect.js';
import { addConnect, addDisconnect } from '../libpod/attach.js';
import { addExists } from '../libpod/exists.js';
import { addPrune } from '../libpod/prune.js';
import { addRemove } from '../libpod/remove.js';
import { filterStatuses, libpodV4Statuses } from '../errors/statuses.js';
import { addEventRoute } from '../events/route.js';
import { addLibpodInfo } from '../libpod/info.js';
import { addSystemRoutes } from '../handshake/system.js';
import { addCreate } from './create.js';
import { libpodV4Texts } from './errors.js';
import { connectBodies } from './examples.js';
import { addInspect, addList } from './read.js';
import { V4ConnectBody, V4RemoveQuery } from './schemas.js';
import { addUpdate } from './update.js';
import { variant } from './variant.js';
import { libpodV4Events } from './events.js';

/** The network half of libpod's API as Podman 4 and 5 serve it. */
export const libpodV4: Dialect = {
  name: 'libpod-v4',
  statuses: libpodV4Statuses,
  overrides: filterStatuses,
  texts: libpodV4Texts,
  booleans: goBooleans,
  showsRemedies: false,
  addRoutes(app, { networks, changesFor, attachments, events }, readMachine) {
    addSystemRoutes(app, 'libpodV4', readMachine);
    addLibpodInfo(app, 'libpodV4', readMachine);
    addEventRoute(app, events, libpodV4Events);
    addCreate(app, changesFor);
    addList(app, networks);
    addInspect(app, networks, attachments, '/networks/:name/json', 'libpodV4NetworkInspect');
    addInspect(app, networks, attachments, '/networks/:name', 'libpodV4NetworkInspectShort');
    addExists(app, networks, variant);
    addRemove(app, changesFor, variant, V4RemoveQuery);
    addPrune(app, changesFor, variant);
    addConnect(app, attachments, variant, { ...V4ConnectBody, examples: connectBodies }, (body) => ({
      container: body.container ?? '',
      options: readConnectOptions({
        addresses: body.static_ips,
        mac: body.static_mac,
        aliases: body.aliases,
        interfaceName: body.interface_name,
      }),
      warnings: Object.entries(body.options ?? {}).map(
        ([option, value]) => `"${option}: ${value}" has no effect: CNI plugins take no options of an attachment`,
      ),
    }));
    addDisconnect(app, attachments, variant);
    addUpdate(app, changesFor);
  },
};
