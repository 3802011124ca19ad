import os from 'node:os';
import type { Environment } from '../../config/identity.js';
import { readIdentity } from '../../config/identity.js';
import { loadConfig } from '../../config/load.js';
import { readFlags } from '../../config/flags.js';
import type { GivenOptions } from '../../config/option.js';
import type { Config } from '../../config/config.js';
import { replaceFile } from '../../host/files/replace-file.js';
import { reasonOf } from '../../host/native-error.js';
import { loadBeside } from '../../host/own-process/beside.js';
import { complain, print } from '../../host/own-process/print.js';
import { readOutputForm } from '../../host/own-process/terminal.js';
import { describeSource } from '../drawing/words.js';
import type { MapView } from '../drawing/view.js';
import type * as Late from './late.js';
import { MapError } from '../map-error.js';
import { questions } from '../source/daemon.js';
import { findReport } from '../source/find.js';
import { findFleet } from '../source/fleet.js';
import { readFolder } from '../source/folder.js';
import { readWish, type MapWish } from './wish.js';

const lateFile = 'podnetd-map.cjs';

/** Runs `podnetd map`. @throws ConfigError, MapError */
export async function runMap(options: GivenOptions, env: Environment): Promise<void> {
  const wish = readWish(options);
  const late = loadMap();
  const config = loadConfig(readFlags(options), env, readIdentity(env));
  const { view, json } = await (wish.subject === 'fleet' ? viewFleet : viewHost)(wish, config, late);
  if (wish.form === 'json') print(json());
  else if (wish.form === 'terminal') print(late.printMap(view, readOutputForm(env)));
  else await writePage(wish.form.page, view, late);
}

interface Viewed {
  readonly view: MapView;
  readonly json: () => string;
}

async function viewHost(wish: MapWish, config: Config, late: typeof Late): Promise<Viewed> {
  const found = await findReport(wish, config, {
    url: questions.pools,
    isReport: late.isReport,
    readHere: async () => {
      const { report, warnings } = await readFolder(config);
      for (const warning of [...config.warnings, ...warnings]) complain(warning);
      return report;
    },
  });
  const view: MapView = { hostName: os.hostname(), at: new Date(), subject: 'host', ...found };
  return { view, json: () => late.printMapAsJson(view) };
}

async function viewFleet(wish: MapWish, config: Config, late: typeof Late): Promise<Viewed> {
  const { source, report: fleet } = await findFleet(wish, config, late);
  const report = { pools: [...late.toPools(fleet)], reserved: [] };
  const view: MapView = {
    hostName: fleet.name ?? os.hostname(),
    at: new Date(),
    subject: 'fleet',
    source,
    report,
    gap: fleet.store?.reachable === false ? 'etcd cannot be reached, and blocks of other hosts look free' : undefined,
  };
  return { view, json: () => late.printFleetAsJson(view, fleet) };
}

async function writePage(file: string, view: MapView, late: typeof Late): Promise<void> {
  const page = late.drawPage(view);
  try {
    await replaceFile(file, page);
  } catch (error) {
    const remedy = 'give a file in a folder that this user may write to, on a disk with room';
    throw new MapError(`--html ${file}: the page cannot be written: ${reasonOf(error)}; ${remedy}`, { cause: error });
  }
  print(`${file}: ${describeSource(view)}\n`);
}

/** @throws MapError when the file is not beside the bundle */
export function loadMap(): typeof Late {
  try {
    return loadBeside(lateFile) as typeof Late;
  } catch (error) {
    const reason = reasonOf(error).split('\n')[0];
    throw new MapError(`${lateFile}: not beside podnetd.cjs (${reason}); install it there`, { cause: error });
  }
}
