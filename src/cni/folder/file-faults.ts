import type { FileFault } from '../conflist/file-fault.js';

/** Which files are by themselves no network, and with which reason each file was reported last. */
export class FileFaults {
  readonly #faults = new Map<string, FileFault>();
  readonly #reported = new Map<string, string>();

  /** Files with a fault. */
  get names(): Iterable<string> {
    return this.#faults.keys();
  }

  of(fileName: string): FileFault | undefined {
    return this.#faults.get(fileName);
  }

  /**
   * @param fault of the file by itself
   * @param problem that one, or what other files make of the file
   * @returns whether the problem is to be reported, because it is another than the last
   */
  note(fileName: string, fault: FileFault | undefined, problem: FileFault | undefined): boolean {
    const before = this.#reported.get(fileName);
    if (fault === undefined) this.#faults.delete(fileName);
    else this.#faults.set(fileName, fault);
    if (problem === undefined) this.#reported.delete(fileName);
    else this.#reported.set(fileName, problem.reason);
    return problem !== undefined && problem.reason !== before;
  }

  forget(fileName: string): void {
    this.#faults.delete(fileName);
    this.#reported.delete(fileName);
  }
}
