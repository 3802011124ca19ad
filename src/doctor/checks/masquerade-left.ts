import { declareCheck } from './check.js';
import { findLeft } from './rules-left.js';

export const masqueradeLeft = declareCheck({
  code: 'masquerade-left',
  severity: 'warning',
  title: 'Masquerading rules of a container that is gone are left',
  why: 'Each packet of a new connection passes them, and the next container with the address gets the same rules a second time.',
  fix: "runs the plugins' DEL with the network's file and the address of the rules",
  follows: ['intent-dead', 'attachment-gone', 'lease-orphan'],
  look: (facts) => findLeft('masquerade', 'masquerade-left', facts),
});
