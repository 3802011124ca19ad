import { findProgram } from '../../host/programs/find-program.js';
import type { PlaceProgram } from '../../host/programs/program-call.js';
import { run } from '../../host/programs/run.js';
import { isRefusal } from '../patient/refusal.js';

/** Runs a program where plugins run. @returns its output; undefined when it is not installed, fails, or has no namespace to run in */
export type RunInside = (program: string, args: readonly string[]) => Promise<string | undefined>;

/** Ten times what a host with ten thousand rules needs. */
const limits = { timeoutMs: 10_000, maxOutputBytes: 64 * 1024 * 1024 };

export function buildRunInside(place: PlaceProgram): RunInside {
  return async (program, args) => {
    const file = findProgram(program);
    if (file === undefined) return undefined;
    let command;
    try {
      command = await place({ file, args });
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
    const outcome = await run(command.file, command.args, limits);
    if (outcome.kind !== 'ended') return undefined;
    // grep exits with 2 when one of the files is missing, and prints the others.
    return outcome.exitCode === 0 || outcome.stdout !== '' ? outcome.stdout : undefined;
  };
}
