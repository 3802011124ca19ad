import type { StatusOverrides, StatusTable } from '../dialect.js';

/** Statuses of each dialect by kind of error; the only place that knows both. */

/** Podman 3 answers nearly every error with 500. source: podman pkg/api/handlers@54b588c07d */
export const libpodV3Statuses: StatusTable = {
  invalid: 500,
  notFound: 404,
  ambiguous: 500,
  exists: 500,
  inUse: 500,
  outdated: 412,
  exhausted: 500,
  forbidden: 500,
  unsupported: 500,
  storage: 500,
  busy: 500,
  plugin: 500,
};

/** DIVERGES: Podman 4 and 5 answer 500 to most of these; its clients look at 2xx, the text, and little else. */
export const libpodV4Statuses: StatusTable = {
  invalid: 400,
  notFound: 404,
  ambiguous: 409,
  exists: 409,
  inUse: 409,
  outdated: 412,
  exhausted: 409,
  forbidden: 403,
  unsupported: 400,
  storage: 507,
  busy: 503,
  plugin: 500,
};

/** Docker's. source: moby api/swagger.yaml@v28, daemon errdefs */
export const compatStatuses: StatusTable = {
  invalid: 400,
  notFound: 404,
  ambiguous: 400,
  exists: 409,
  inUse: 403,
  outdated: 412,
  exhausted: 400,
  forbidden: 403,
  unsupported: 501,
  storage: 507,
  busy: 503,
  plugin: 500,
};

/** Podman's own test suites hold it to 500 for filters that it cannot use. */
export const filterStatuses = {
  filtersUnreadable: 500,
  pruneFiltersUnreadable: 500,
  filterUnknown: 500,
  filterNotSingle: 500,
  filterTooLarge: 500,
  filterValuesTooMany: 500,
  filterTypeInvalid: 500,
  untilInvalid: 500,
  untilNotSingle: 500,
  danglingInvalid: 500,
} satisfies StatusOverrides;

/** In every dialect. */
export const dryRunStatus = 400;

/** In every dialect. */
export const roleStatus = 403;

/** Neither Podman 3 nor its clients know these, so they have the statuses that say what they are. */
export const libpodV3Overrides = {
  ...filterStatuses,
  roleInsufficient: roleStatus,
  labelInsufficient: roleStatus,
  labelContradicted: roleStatus,
  revisionWithheld: roleStatus,
  dryRunInvalid: dryRunStatus,
  dryRunUnsupported: dryRunStatus,
  ifMatchInvalid: 400,
  ifMatchUnsupported: 400,
} satisfies StatusOverrides;

/** Docker's clients take 503 for "there is no swarm", as Podman answers. */
export const compatOverrides = { ...filterStatuses, serviceAbsent: 503 } satisfies StatusOverrides;
