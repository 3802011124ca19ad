import { dockerBooleans } from '../booleans.js';
import type { Dialect } from '../dialect.js';
import { addEventRoute } from '../events/route.js';
import { compatOverrides, compatStatuses } from '../errors/statuses.js';
import { addSystemRoutes } from '../handshake/system.js';
import { addAbsent } from './absent.js';
import { addConnect, addDisconnect } from './attach.js';
import { addCreate } from './create.js';
import { compatTexts } from './errors.js';
import { addPrune } from './prune.js';
import { makePrinters } from './printers.js';
import { addInspect, addList } from './read.js';
import { addRemove } from './remove.js';
import { compatEvents } from './events.js';
import { addInfo } from './info.js';

/** The network half of Docker's API, as Podman serves it. */
export const compat: Dialect = {
  name: 'compat',
  statuses: compatStatuses,
  overrides: compatOverrides,
  texts: compatTexts,
  booleans: dockerBooleans,
  showsRemedies: false,
  addRoutes(app, { networks, changesFor, attachments, addresses, events }, readMachine) {
    addSystemRoutes(app, 'compat', readMachine);
    addInfo(app, networks, readMachine);
    addAbsent(app);
    const printerFor = makePrinters(networks.defaultNetwork);
    addList(app, networks, attachments, printerFor);
    addEventRoute(app, events, compatEvents);
    addCreate(app, changesFor);
    addInspect(app, networks, attachments, addresses, printerFor);
    addRemove(app, networks, changesFor);
    addPrune(app, changesFor);
    addConnect(app, networks, attachments);
    addDisconnect(app, networks, attachments);
  },
};
