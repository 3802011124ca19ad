import type { Logger } from 'pino';
import { Audit } from '../audit/audit.js';
import { ConfigError } from '../config/config-error.js';
import type { Config } from '../config/config.js';
import { foreignFunctions } from '../host/own-process/addons.js';
import { NetworkError } from '../model/errors/errors.js';

/** The audit log that the settings ask for; undefined without one. @throws ConfigError for a file that cannot be used, AddonError */
export function openAudit({ audit: settings }: Config, log: Logger): Audit | undefined {
  if (settings === undefined) return undefined;
  // The first connection's peer is asked for by it.
  foreignFunctions();
  const audit = new Audit(settings, log);
  try {
    audit.start();
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw new ConfigError(`[audit] file: ${error.message}`, { cause: error });
  }
  return audit;
}
