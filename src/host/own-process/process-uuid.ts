import { readFileSync } from 'node:fs';

/**
 * A random UUID that no other process has, alive or dead. The kernel makes it, because the first random number of OpenSSL takes Node longer than the
 * rest of an answer. source: random(4)
 */
export const processUuid = readFileSync('/proc/sys/kernel/random/uuid', 'latin1').trim();
