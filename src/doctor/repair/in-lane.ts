import type { Patient } from '../patient/patient.js';

/** Runs an act while no Podman and no other podnetd connects a container or changes the folder. @throws NetworkError busy, storage */
export async function inLane({ config, parts }: Patient['daemon'], act: () => Promise<void>): Promise<void> {
  const { lockTimeoutMs } = config;
  if (!(await parts.lane.hold(AbortSignal.timeout(lockTimeoutMs), act)))
    throw parts.lane.describeObstacle(lockTimeoutMs);
}
