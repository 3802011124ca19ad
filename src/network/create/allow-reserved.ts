import { readBooleanOption } from '../../model/go/boolean-option.js';
import { ownOptions } from '../../model/own-options.js';
import type { StringMap } from '../../model/network.js';

/** Whether a request says that its subnets may be reserved ones. @throws NetworkError invalid */
export function readAllowReserved(options: StringMap): boolean {
  const value = options.get(ownOptions.allowReserved);
  return value !== undefined && readBooleanOption(ownOptions.allowReserved, value);
}
