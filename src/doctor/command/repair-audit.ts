import { randomUUID } from 'node:crypto';
import { complain } from '../../host/own-process/print.js';
import { readPeerHints } from '../../host/programs/peer-hints.js';
import { reasonOf } from '../../host/native-error.js';
import type { Config } from '../../config/config.js';
import type { AuditedRequest, AuditLog, Caller, Who } from '../../model/audited-request.js';
import { openRepairAudit } from '../../wiring/open-audit.js';
import type { RecordRepair } from '../repair/record.js';

const reports = {
  info: () => undefined,
  error: ({ err }: { readonly err?: unknown }, message: string) => complain(`${message}: ${reasonOf(err)}`),
};

/**
 * Runs repairs while the audit file of repairs is open. The disk has their lines when this returns.
 *
 * @throws ConfigError for a file that cannot be used, AddonError
 */
export async function withRepairAudit<T>(config: Config, repair: (record: RecordRepair) => Promise<T>): Promise<T> {
  const audit = openRepairAudit(config, reports);
  if (audit === undefined) return await repair(async (_, act) => await act());
  try {
    // A repair changes no file of a network, by which one could see what became of it.
    await audit.settle(() => undefined);
    return await repair(recordBy(audit, { who: identifySelf(), socket: undefined, role: undefined, label: undefined }));
  } finally {
    audit.close();
  }
}

function recordBy(audit: AuditLog, caller: Caller): RecordRepair {
  return async ({ act: operation, ...repair }, act) => {
    const audited: AuditedRequest = {
      id: randomUUID(),
      caller,
      operation: `doctor:${operation}`,
      ...repair,
      changes: [],
      announcement: undefined,
    };
    await audit.announce([{ request: audited, changes: [] }]);
    const reason = await act();
    await audit.conclude(audited, { status: undefined, outcome: reason === undefined ? 'ok' : 'failed', reason });
    return reason;
  };
}

/** This process, as the kernel would describe it to a daemon. */
function identifySelf(): Who {
  const { pid } = process;
  const peer = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, pid };
  return { ...peer, hints: readPeerHints(peer, 0) };
}
