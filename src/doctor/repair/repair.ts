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
import type { RecordRepair } from './record.js';

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
export async function repairAll(
  patient: Patient,
  diagnoses: readonly Diagnosis[],
  record: RecordRepair,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<Diagnosis, Outcome>();
  for (const act of order) {
    for (const { repair, needing } of groupByTarget(diagnoses, act)) {
      const findings = needing.map(({ code, seen }) => `${code}: ${seen}`);
      const failure = await tryTo(
        async () =>
          await record(
            { act, network: networkOf(repair), findings },
            async () => await tryTo(async () => await carryOut(patient, repair)),
          ),
      );
      for (const diagnosis of needing) outcomes.set(diagnosis, { diagnosis, failure });
    }
  }
  return diagnoses.flatMap((diagnosis) => outcomes.get(diagnosis) ?? []);
}

/** A repair with the findings that need it. */
interface Need {
  readonly repair: Repair;
  readonly needing: Diagnosis[];
}

/** The repairs by an act, one for each target. */
function groupByTarget(diagnoses: readonly Diagnosis[], act: Repair['act']): readonly Need[] {
  const needs = new Map<string, Need>();
  for (const diagnosis of diagnoses) {
    const { repair } = diagnosis;
    if (repair?.act !== act) continue;
    const target = targetOf(repair);
    const need = needs.get(target) ?? { repair, needing: [] };
    need.needing.push(diagnosis);
    needs.set(target, need);
  }
  return [...needs.values()];
}

function networkOf(repair: Repair): string | undefined {
  if (repair.act === 'collect') return repair.network;
  return repair.act === 'release' ? repair.attachment.networkName : undefined;
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

/** @returns what the act returns, or why it was refused */
async function tryTo(act: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await act();
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
