import type { Check } from './check.js';
import { attachmentGone } from './attachment-gone.js';
import { brNetfilter } from './br-netfilter.js';
import { bridgeAddresses } from './bridge-addresses.js';
import { bridgeUnused } from './bridge-unused.js';
import { dnsnameLeft } from './dnsname-left.js';
import { fileUnusable } from './file-unusable.js';
import { firewallBackends } from './firewall-backends.js';
import { fleetCollision } from './fleet-collision.js';
import { fleetFile } from './fleet-file.js';
import { fleetHostTwice } from './fleet-host-twice.js';
import { fleetLayout } from './fleet-layout.js';
import { fleetStoreUnreachable } from './fleet-store-unreachable.js';
import { fleetTooManyBlocks } from './fleet-too-many-blocks.js';
import { intentDead } from './intent-dead.js';
import { ipForwardOff } from './ip-forward-off.js';
import { leaseOrphan } from './lease-orphan.js';
import { lockHeld } from './lock-held.js';
import { masqueradeLeft } from './masquerade-left.js';
import { nameTwice } from './name-twice.js';
import { namespaceLost } from './namespace-lost.js';
import { netavarkBeside } from './netavark-beside.js';
import { outputUnwritable } from './output-unwritable.js';
import { pluginMissing } from './plugin-missing.js';
import { pluginStatus } from './plugin-status.js';
import { pluginVersion } from './plugin-version.js';
import { poolNearlyFull } from './pool-nearly-full.js';
import { portMappingLeft } from './port-mapping-left.js';
import { slirpLost } from './slirp-lost.js';
import { subnetTaken } from './subnet-taken.js';
import { subnetsOverlap } from './subnets-overlap.js';
import { subuidMissing } from './subuid-missing.js';
import { temporaryFile } from './temporary-file.js';
import { vethUnattached } from './veth-unattached.js';

/** Every code, in the order of podnetd-doctor(7), which is made from this table. A new one is a file, and a row here. */
export const checks: readonly Check[] = [
  fileUnusable,
  nameTwice,
  subnetsOverlap,
  temporaryFile,
  pluginMissing,
  pluginVersion,
  subnetTaken,
  bridgeAddresses,
  bridgeUnused,
  vethUnattached,
  ipForwardOff,
  brNetfilter,
  intentDead,
  attachmentGone,
  leaseOrphan,
  masqueradeLeft,
  portMappingLeft,
  dnsnameLeft,
  firewallBackends,
  poolNearlyFull,
  lockHeld,
  pluginStatus,
  namespaceLost,
  slirpLost,
  subuidMissing,
  netavarkBeside,
  outputUnwritable,
  fleetCollision,
  fleetStoreUnreachable,
  fleetHostTwice,
  fleetLayout,
  fleetTooManyBlocks,
  fleetFile,
];
