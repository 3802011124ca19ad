import { versionOf } from '../../cni/runtime/chain.js';
import { textOf } from '../../model/json-object.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import { mayHaveUnknown } from '../checks/veth-unattached.js';
import { gatherFacts } from '../gathering/gather.js';
import type { Facts } from '../facts/facts.js';
import { hasOperationsOf11, withOperationsOf11 } from '../gathering/plugins.js';
import type { Patient } from '../patient/patient.js';
import { inLane } from './in-lane.js';

/**
 * Has those plugins of a network that know GC remove what they keep for other attachments than the living. The lane is held, so that no Podman and
 * no podnetd connects a container between the list of the living and the GC; runtimes of foreign networks take no such lock, so their networks
 * are left to DEL.
 *
 * @throws NetworkError busy, storage, plugin
 */
export async function collectByGc(patient: Patient, name: string): Promise<void> {
  const { reader, chain, attachments } = patient.daemon.parts;
  if (!(await reader.list()).some((stored) => stored.network.name === name && mayHaveGc(stored))) return;
  await inLane(patient.daemon, async () => {
    const facts = await gatherFacts(patient, true);
    const network = facts.folder.networks.find((one) => one.name === name);
    if (network === undefined || !mayHaveGc(network.stored) || mayHaveUnknown(name, facts)) return;
    const plugins = withOperationsOf11(network, facts.plugins.known);
    if (plugins.length === 0) return;
    const view = await attachments.look();
    const leases = view
      .leases(network.stored)
      .filter(({ containerId }) => view.holderOf(containerId, network.stored).lives)
      .map(({ containerId, ifName = 'eth0' }) => ({ containerId, ifName }));
    const valid = [...listLiving(facts, name), ...leases];
    for (const plugin of plugins) {
      if (textOf(plugin['type']) !== '') await chain.collect(network.stored.conflist, plugin, valid);
    }
  });
}

function mayHaveGc({ foreign, conflist }: StoredNetwork): boolean {
  return !foreign && hasOperationsOf11(versionOf(conflist));
}

/** Also those whose namespace is unknown, and all that is under way. */
function listLiving({ attachments }: Facts, name: string) {
  return [
    ...attachments.recorded.filter(({ liveness }) => liveness !== 'gone').map(({ attachment }) => attachment),
    ...attachments.intents.map(({ work }) => work),
  ].filter(({ networkName }) => networkName === name);
}
