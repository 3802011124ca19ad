import path from 'node:path';
import { Audit, type AuditReports, type AuditSettings } from '../audit/audit.js';
import { ConfigError } from '../config/config-error.js';
import type { Config } from '../config/config.js';
import { foreignFunctions } from '../host/own-process/addons.js';
import { NetworkError } from '../model/errors/errors.js';

/** The audit log of requests that the settings ask for; undefined without one. @throws ConfigError for a file that cannot be used, AddonError */
export function openAudit({ audit: settings }: Config, log: AuditReports): Audit | undefined {
  if (settings === undefined) return undefined;
  // The first connection's peer is asked for by it.
  foreignFunctions();
  return open(settings, log);
}

/**
 * The audit log of repairs, of which no daemon knows; undefined where requests have none. It is a chain of its own in a file beside the one of
 * requests, because a chain has one writer.
 *
 * @throws ConfigError for a file that cannot be used, AddonError
 */
export function openRepairAudit({ audit: settings }: Config, log: AuditReports): Audit | undefined {
  if (settings === undefined) return undefined;
  const { dir, name, ext } = path.parse(settings.file);
  return open({ ...settings, file: path.join(dir, `${name}-repairs${ext}`) }, log);
}

function open(settings: AuditSettings, log: AuditReports): Audit {
  const audit = new Audit(settings, log);
  try {
    audit.start();
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw new ConfigError(`[audit] file: ${error.message}`, { cause: error });
  }
  return audit;
}
