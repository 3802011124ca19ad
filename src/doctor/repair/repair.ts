import { endProcess } from '../../host/programs/process-identity.js';
import type { Repair } from '../checks/check.js';
import { dnsnameLeft } from '../checks/dnsname-left.js';
import { masqueradeLeft } from '../checks/masquerade-left.js';
import { portMappingLeft } from '../checks/port-mapping-left.js';
import type { Diagnosis } from '../checks/diagnosis.js';
import { gatherFacts } from '../gathering/gather.js';
import type { Patient } from '../patient/patient.js';
import { isRefusal } from '../patient/refusal.js';
import { removeUnusedBridge } from './bridge.js';
import { collectByGc } from './gc.js';
import { inLane } from './in-lane.js';

/** The outcome of a repair. */
export interface Outcome {
  readonly diagnosis: Diagnosis;
  /** Why it failed; undefined when it was done, also when there was nothing left to do. */
  readonly failure: string | undefined;
}

/** Work of dead processes comes first, because others may follow from it; bridges come late, because links leave them before. */
const order: readonly Repair['act'][] = ['finish', 'collect', 'release', 'clear', 'removeBridge', 'endDnsmasq'];

/** Milliseconds that a process has for its end. */
const endTimeoutMs = 2_000;

/** Does what is safe, each act once for all findings that need it. */
export async function repairAll(patient: Patient, diagnoses: readonly Diagnosis[]): Promise<readonly Outcome[]> {
  const outcomes = new Map<Diagnosis, Outcome>();
  for (const act of order) {
    const done = new Map<string, string | undefined>();
    for (const diagnosis of diagnoses) {
      const { repair } = diagnosis;
      if (repair?.act !== act) continue;
      const target = targetOf(repair);
      if (!done.has(target)) done.set(target, await tryTo(patient, repair));
      outcomes.set(diagnosis, { diagnosis, failure: done.get(target) });
    }
  }
  return diagnoses.flatMap((diagnosis) => outcomes.get(diagnosis) ?? []);
}

function targetOf(repair: Repair): string {
  switch (repair.act) {
    case 'finish':
    case 'clear':
      return '';
    case 'collect':
      return repair.network;
    case 'release':
      return `${repair.attachment.networkName}/${repair.attachment.containerId}`;
    case 'removeBridge':
      return repair.bridge;
    case 'endDnsmasq':
      return String(repair.dnsmasq.process.pid);
  }
}

async function tryTo(patient: Patient, repair: Repair): Promise<string | undefined> {
  try {
    return await carryOut(patient, repair);
  } catch (error) {
    if (isRefusal(error)) return error.message;
    throw error;
  }
}

/** @returns why something is left; undefined where nothing is @throws NetworkError */
async function carryOut(patient: Patient, repair: Repair): Promise<string | undefined> {
  const { daemon } = patient;
  const { runtime } = daemon.parts;
  switch (repair.act) {
    case 'finish': {
      // Nothing waits for work of the living.
      const repairs = await runtime.repair(() => true, { patient: false });
      return repairs.find(({ error }) => error !== undefined)?.error?.message;
    }
    case 'collect': {
      const freed = await daemon.services.attachments.collect(repair.network);
      await collectByGc(patient, repair.network);
      return freed.find(({ error }) => error !== undefined)?.error?.message;
    }
    case 'release':
      return await release(patient, repair);
    case 'clear':
      // Also the cache's files, which a patient look clears.
      await runtime.repair(() => false, { patient: true });
      await daemon.clearFolder();
      return undefined;
    case 'removeBridge':
      return await removeUnusedBridge(daemon, repair.bridge);
    case 'endDnsmasq':
      return await endDnsmasq(patient, repair);
  }
}

async function release(
  patient: Patient,
  { attachment }: Repair & { readonly act: 'release' },
): Promise<string | undefined> {
  const { networkName, containerId } = attachment;
  // The lane is held, because the next container with the address must not come between the look and the DEL.
  await inLane(patient.daemon, async () => {
    const facts = await gatherFacts(patient, true);
    const stored = facts.folder.networks.find(({ name }) => name === networkName)?.stored;
    const sightings = [...masqueradeLeft.look(facts), ...portMappingLeft.look(facts)];
    const still = sightings.flatMap(({ repair }) =>
      repair?.act === 'release' && repair.attachment.networkName === networkName ? repair.attachment : [],
    );
    const own = still.filter((one) => one.containerId === containerId);
    const [first] = own;
    if (stored === undefined || first === undefined) return;
    const addresses = own.flatMap((one) => one.addresses);
    await patient.daemon.parts.runtime.release({ ...first, addresses }, stored);
  });
  return undefined;
}

async function endDnsmasq(
  patient: Patient,
  { dnsmasq }: Repair & { readonly act: 'endDnsmasq' },
): Promise<string | undefined> {
  // The lane is held, because a network with the name of the old one would take the server over.
  await inLane(patient.daemon, async () => {
    const isStill = dnsnameLeft
      .look(await gatherFacts(patient, true))
      .some(({ repair }) => repair?.act === 'endDnsmasq' && repair.dnsmasq.process.pid === dnsmasq.process.pid);
    if (isStill) await endProcess(dnsmasq.process, endTimeoutMs);
  });
  return undefined;
}
