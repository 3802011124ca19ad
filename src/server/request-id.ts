import { processUuid } from '../host/own-process/process-uuid.js';

const prefix = processUuid.slice(0, -12);
let count = 0;

/** @returns a UUID of this process alone, and a new one at each call: its last 12 digits count the requests */
export function makeRequestId(): string {
  count = (count + 1) % 2 ** 48;
  return `${prefix}${count.toString(16).padStart(12, '0')}`;
}
