import path from 'node:path';
import { isSameStamp, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import { run } from '../../host/programs/run.js';
import { NetworkError } from '../../model/errors/errors.js';
import { asArray, isObject } from '../../model/json-object.js';

/** A program that prints its versions ends within milliseconds. */
const limits = { timeoutMs: 2_000, maxOutputBytes: 65_536 };

/** What one state of a binary reports; each question is put to it once. */
interface Report {
  readonly stamp: FileStamp;
  cniVersions?: Promise<readonly string[]>;
  version?: Promise<string>;
  readonly texts: Map<string, Promise<boolean>>;
}

/** Asks plugin binaries about themselves, and asks one again only when its file has changed. */
export class PluginBinaries {
  readonly #reports = new Map<string, Report>();

  constructor(private readonly files: Files) {}

  /**
   * Versions of the CNI specification that a plugin understands; none when its answer to VERSION cannot be read.
   *
   * source: CNI specification 1.0.0, "VERSION"
   */
  async cniVersions(file: string): Promise<readonly string[]> {
    const report = this.#report(file);
    if (report === undefined) return [];
    report.cniVersions ??= askVersions(file);
    return await report.cniVersions;
  }

  /**
   * As {@link cniVersions}, of the first of the folders that has the plugin; none without such a folder. The stamp that finds a changed binary
   * finds a missing one too.
   */
  async cniVersionsIn(folders: readonly string[], plugin: string): Promise<readonly string[]> {
    for (const folder of folders) {
      const file = path.join(folder, plugin);
      const report = this.#tryReport(file);
      // A link has a stamp also where it leads nowhere that podnetd may go.
      const isThere = report !== undefined && (!report.stamp.indirect || this.files.exists(file));
      if (isThere) return await (report.cniVersions ??= askVersions(file));
    }
    return [];
  }

  /**
   * The version that a plugin prints about itself when it runs without a command, such as `1.7.1`; empty when it prints none.
   *
   * source: containernetworking/cni pkg/skel/skel.go@v1.1.2 (PluginMain), containernetworking/plugins
   * pkg/utils/buildversion/buildversion.go@v1.1.1
   */
  async version(file: string): Promise<string> {
    const report = this.#report(file);
    if (report === undefined) return '';
    report.version ??= askVersion(file);
    return await report.version;
  }

  /** Whether the binary holds a text. */
  async holds(file: string, text: string): Promise<boolean> {
    const report = this.#report(file);
    if (report === undefined) return false;
    let found = report.texts.get(text);
    if (found === undefined) {
      found = this.files.holdsText(file, text);
      report.texts.set(text, found);
    }
    return await found;
  }

  /** A binary that podnetd may not look at counts as missing. */
  #tryReport(file: string): Report | undefined {
    try {
      return this.#report(file);
    } catch (error) {
      if (error instanceof NetworkError) return undefined;
      throw error;
    }
  }

  #report(file: string): Report | undefined {
    const stamp = this.files.stamp(file);
    if (stamp === undefined) return undefined;
    const known = this.#reports.get(file);
    if (known !== undefined && isSameStamp(known.stamp, stamp)) return known;
    const report: Report = { stamp, texts: new Map() };
    this.#reports.set(file, report);
    return report;
  }
}

async function askVersions(file: string): Promise<readonly string[]> {
  const outcome = await run(file, [], { ...limits, stdin: '{"cniVersion":"1.0.0"}', env: { CNI_COMMAND: 'VERSION' } });
  if (outcome.kind !== 'ended') return [];
  try {
    const answer: unknown = JSON.parse(outcome.stdout);
    const versions = isObject(answer) ? asArray(answer['supportedVersions']) : [];
    return versions.filter((version) => typeof version === 'string');
  } catch {
    return [];
  }
}

async function askVersion(file: string): Promise<string> {
  const outcome = await run(file, [], { ...limits, env: { CNI_COMMAND: '' } });
  if (outcome.kind !== 'ended') return '';
  return /^CNI \S+ plugin v?(\d+\.\d+\.\d+\S*)$/m.exec(outcome.stderr)?.[1] ?? '';
}
