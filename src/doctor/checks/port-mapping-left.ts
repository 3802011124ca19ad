import { declareCheck } from './check.js';
import { findLeft } from './rules-left.js';

export const portMappingLeft = declareCheck({
  code: 'port-mapping-left',
  severity: 'warning',
  title: 'Port mapping rules of a container that is gone are left',
  why: 'The ports of the host lead to an address that no container has, or that another container has by now.',
  fix: "runs the plugins' DEL with the network's file",
  follows: ['intent-dead', 'attachment-gone', 'lease-orphan', 'masquerade-left'],
  look: (facts) => findLeft('portMapping', 'port-mapping-left', facts),
});
