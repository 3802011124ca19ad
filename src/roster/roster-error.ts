import { escapeControls } from '../config/config-error.js';

/** The claims of a host cannot be given back. The message is one line with the value, the rule and the remedy. */
export class RosterError extends Error {
  override readonly name = 'RosterError';

  constructor(message: string, options?: ErrorOptions) {
    super(escapeControls(message), options);
  }
}
