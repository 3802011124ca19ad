import type { Patient } from '../patient/patient.js';
import type { FleetFacts } from '../facts/facts.js';

/** A podnetd that claims no blocks has to ask the store; it needs the other hosts for no finding. */
export async function gatherFleet({ services: { fleet } }: Pick<Patient['daemon'], 'services'>): Promise<FleetFacts> {
  const { collisions = [], problems = [], ownBlocks = [], kind } = fleet.state ?? (await fleet.report(0)) ?? {};
  const growing = kind === 'store' ? ownBlocks.map(({ block }) => block) : [];
  return { collisions, problems, growing, isIndex: kind === 'index' };
}
