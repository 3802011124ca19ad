/** A repair before its act. */
export interface RepairRecord {
  readonly act: string;
  /** Undefined for a repair about none, or several. */
  readonly network: string | undefined;
  /** Each finding that it is for, as code and facts. */
  readonly findings: readonly string[];
}

/**
 * Records a repair before and after its act.
 *
 * @param act returns why something is left; undefined where nothing is
 * @returns the same @throws NetworkError storage, when it cannot be recorded; then the act was not begun
 */
export type RecordRepair = (
  repair: RepairRecord,
  act: () => Promise<string | undefined>,
) => Promise<string | undefined>;
