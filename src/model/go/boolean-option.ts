import { NetworkError } from '../errors/errors.js';
import { parseGoBoolean } from './boolean.js';

/** The value of a network's option that is on or off. @throws NetworkError invalid */
export function readBooleanOption(option: string, value: string): boolean {
  const parsed = parseGoBoolean(value);
  if (parsed === undefined) throw new NetworkError('booleanInvalid', { option, value });
  return parsed;
}
