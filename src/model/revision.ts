/** Revisions of plans, of which one has to be the current one; undefined for a request without that condition. */
export type ExpectedRevisions = readonly string[] | undefined;

/** Tags of a network, of which one has to be the current one; undefined for a request without that condition. */
export type ExpectedTags = readonly string[] | undefined;
