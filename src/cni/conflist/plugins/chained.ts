import type { GoValue } from '../../../model/go/json.js';

/** The meta plugins that follow a bridge. */

export const portmap: GoValue = { type: 'portmap', capabilities: { portMappings: true } };

export const tuning: GoValue = { type: 'tuning' };

/** @param isolate only containers of the same bridge may open connections into it */
export function buildFirewall(isolate: boolean): GoValue {
  return { type: 'firewall', backend: '', ingressPolicy: isolate ? 'same-bridge' : undefined };
}

export const dnsname: GoValue = { type: 'dnsname', domainName: 'dns.podman', capabilities: { aliases: true } };
