import { escapeControls } from '../config/config-error.js';

/** The map cannot be read, or not be put where it should go. The message is one line with the value, the rule and the remedy. */
export class MapError extends Error {
  override readonly name = 'MapError';

  constructor(message: string, options?: ErrorOptions) {
    super(escapeControls(message), options);
  }
}
