import { addressErrors } from './address.js';
import { attachmentErrors } from './attachment.js';
import { busyErrors } from './busy.js';
import { containerErrors } from './container.js';
import { engineErrors } from './engine.js';
import type { Entry } from './entry.js';
import { filterErrors } from './filters.js';
import { fleetErrors } from './fleet.js';
import { ipamErrors } from './ipam.js';
import { linkErrors } from './link.js';
import { networkErrors } from './network.js';
import { pluginErrors } from './plugin.js';
import { requestErrors } from './request.js';
import { rootlessErrors } from './rootless.js';
import { roleErrors } from './role.js';
import { routeErrors } from './route.js';
import { storageErrors } from './storage.js';
import { updateErrors } from './update.js';
import { subnetErrors } from './subnet.js';

/** Every error of the product. Each code stands once, in the file of its subject; the details that it is thrown with are those of its message. */
const catalogue = {
  ...requestErrors,
  ...roleErrors,
  ...filterErrors,
  ...networkErrors,
  ...linkErrors,
  ...ipamErrors,
  ...subnetErrors,
  ...fleetErrors,
  ...updateErrors,
  ...routeErrors,
  ...addressErrors,
  ...containerErrors,
  ...attachmentErrors,
  ...pluginErrors,
  ...rootlessErrors,
  ...storageErrors,
  ...busyErrors,
  ...engineErrors,
};
type Catalogue = typeof catalogue;

export type ErrorCode = keyof Catalogue;
export type ErrorDetails = { readonly [C in ErrorCode]: Parameters<Catalogue[C]['message']>[0] };

/** The catalogue as a function of the code, which the compiler does not see in an object of many types. */
export const entries: { readonly [C in ErrorCode]: Entry<ErrorDetails[C]> } = catalogue;

export const errorCodes = Object.keys(catalogue) as readonly ErrorCode[];
