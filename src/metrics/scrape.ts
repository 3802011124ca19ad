import type { ProcessFigures } from '../host/own-process/process-figures.js';
import { SharedRuns } from '../model/shared-runs.js';
import type { AttachmentReader } from '../network/dependencies/attachments.js';
import type { Exposition, ExpositionForm } from '../network/dependencies/exposition.js';
import type { AttachmentRuntime } from '../network/dependencies/runtime.js';
import type { NetworkReader } from '../network/dependencies/stored-network.js';
import type { LeasedAddresses } from '../network/leased-addresses.js';
import type { Pools } from '../network/pools.js';
import type { NumberDeclaration } from './declaration.js';
import { metricDeclarations } from './declarations.js';
import type { Family, NumberFamily } from './family.js';
import { processFamilies } from './process-families.js';
import type { Recorder } from './recorder.js';
import { addressFamily, attachmentFamily, networkFamily, poolFamily } from './state-families.js';

/** Prints metrics in one of the forms. */
export type PrintFamilies = (families: readonly Family[], form: ExpositionForm) => Promise<string>;

export interface ScrapeSources {
  readonly recorder: Pick<Recorder, 'families'>;
  readonly reader: Pick<NetworkReader, 'list' | 'problems'>;
  readonly attachments: AttachmentReader;
  readonly runtime: Pick<AttachmentRuntime, 'unfinished'>;
  readonly pools: Pick<Pools, 'measure'>;
  readonly addresses: Pick<LeasedAddresses, 'measure'>;
  /** Streams that clients follow now. */
  readonly events: { readonly streams: number };
  readonly build: { readonly version: string; readonly commit: string };
  readProcess(): ProcessFigures;
  /** Whether each network has metrics of its own. */
  isPerNetwork(): boolean;
  /** Called at the first scrape and each later one. @throws NetworkError storage */
  loadPrinter(): PrintFamilies;
}

/** The answer to a scrape: what was recorded since the start, and the state of now, by the index and the counts of pools. */
export class Scrape implements Exposition {
  /** Clients that hang up do not end a scrape, so its cost would have no bound. */
  readonly #runs = new SharedRuns<ExpositionForm, string>();

  constructor(private readonly sources: ScrapeSources) {}

  async print(form: ExpositionForm): Promise<string> {
    const print = this.sources.loadPrinter();
    return await this.#runs.run(form, async () => await print(await this.#gather(), form));
  }

  /** In the order of the declarations; a metric without a number is left out. @throws NetworkError storage */
  async #gather(): Promise<readonly Family[]> {
    const { recorder, build, events } = this.sources;
    const { version, commit } = build;
    const found: readonly Family[] = [
      { declaration: metricDeclarations.build, samples: [{ labels: [version, commit, process.version], value: 1 }] },
      ...(await this.#readState()),
      single(metricDeclarations.eventStreams, events.streams),
      ...recorder.families(),
      ...processFamilies(this.sources.readProcess()),
    ];
    const order = new Map<string, number>(Object.values(metricDeclarations).map(({ name }, index) => [name, index]));
    const placeOf = ({ declaration }: Family) => order.get(declaration.name) ?? 0;
    return found.filter(({ samples }) => samples.length > 0).toSorted((a, b) => placeOf(a) - placeOf(b));
  }

  async #readState(): Promise<readonly NumberFamily[]> {
    const { reader, attachments, runtime, pools, addresses } = this.sources;
    const problems = await reader.problems();
    const [networks, view] = [await reader.list(), await attachments.look()];
    const ofNetworks = this.sources.isPerNetwork() ? [await addressFamily(networks, view, addresses)] : [];
    return [
      networkFamily(networks),
      single(metricDeclarations.problems, problems.length),
      poolFamily((await pools.measure()).pools),
      ...ofNetworks,
      await attachmentFamily(view, runtime.unfinished().length),
    ];
  }
}

function single(declaration: NumberDeclaration, value: number): NumberFamily {
  return { declaration, samples: [{ labels: [], value }] };
}
