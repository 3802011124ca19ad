import { escapeControls } from '../config/config-error.js';

/** podnetd could not look. The message is one line with the value, the rule and the remedy. */
export class DoctorError extends Error {
  override readonly name = 'DoctorError';

  constructor(message: string, options?: ErrorOptions) {
    super(escapeControls(message), options);
  }
}
