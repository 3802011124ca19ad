import { NetworkError } from '../../model/errors/errors.js';
import { parseGoBoolean } from '../../model/go/boolean.js';
import { ownOptions } from '../../model/own-options.js';
import type { StringMap } from '../../model/network.js';

/** Whether a request says that its subnets may be reserved ones. @throws NetworkError invalid */
export function readAllowReserved(options: StringMap): boolean {
  const value = options.get(ownOptions.allowReserved);
  if (value === undefined) return false;
  const allowed = parseGoBoolean(value);
  if (allowed === undefined) throw new NetworkError('booleanInvalid', { option: ownOptions.allowReserved, value });
  return allowed;
}
