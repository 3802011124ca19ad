import { Type } from '@sinclair/typebox';

/** Forms of values that schemas of podnetd.toml share; a description completes "<value> is not …". */

/** The file is podnetd's own, so a key that it does not know is a mistake. */
export const closed = { additionalProperties: false };

export const text = Type.String({ description: 'a string' });
export const name = Type.String({ minLength: 1, description: 'a string of at least one character' });
export const flag = Type.Boolean({ description: 'true or false' });
