/** A program of this host and its arguments. */
export interface ProgramCall {
  readonly file: string;
  readonly args: readonly string[];
}

/** Where programs run: as they are, or wrapped into the namespaces of a user. */
export type PlaceProgram = (call: ProgramCall) => Promise<ProgramCall>;

export const runHere: PlaceProgram = async (call) => await Promise.resolve(call);
