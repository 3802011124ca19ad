/** Stands in a decision's facts for what its client may not know, so that the compiler asks each message for its form without. */
export const withheld = Symbol('withheld');

export type Withheld = typeof withheld;
