/** A program of this host and its arguments. */
export interface ProgramCall {
  readonly file: string;
  readonly args: readonly string[];
}

/** Places a program: as it is, or wrapped so that it runs in the namespaces of a user. */
export type PlaceProgram = (call: ProgramCall) => Promise<ProgramCall>;

export const runHere: PlaceProgram = async (call) => await Promise.resolve(call);
