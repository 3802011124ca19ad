import type { AuditedRequest, Who } from '../../src/model/audited-request.js';

/** A prune as the server hands it to the audit log, before it has changed anything. */
export function makePrune(who?: Who): { -readonly [K in keyof AuditedRequest]: AuditedRequest[K] } {
  const caller = { who, socket: '/run/podnetd.sock', role: 'admin', label: undefined } as const;
  return {
    id: 'r1',
    caller,
    operation: 'compatNetworkPrune',
    network: undefined,
    changes: [],
    announcement: undefined,
  };
}
