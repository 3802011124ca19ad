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
import { askDaemon } from '../source/daemon.js';
import { readFolder } from '../source/folder.js';
import { readWish, type MapWish } from './wish.js';

const lateFile = 'podnetd-map.cjs';

/** Runs `podnetd map`. @throws ConfigError, MapError */
export async function runMap(options: GivenOptions, env: Environment): Promise<void> {
  const wish = readWish(options);
  const late = loadLate();
  const config = loadConfig(readFlags(options), env, readIdentity(env));
  const found = await findReport(wish, config, late);
  const view: MapView = { hostName: os.hostname(), at: new Date(), ...found };
  if (wish.form === 'json') print(late.printMapAsJson(view));
  else if (wish.form === 'terminal') print(late.printMap(view, readOutputForm(env)));
  else await writePage(wish.form.page, view, late);
}

async function findReport(
  wish: MapWish,
  config: Config,
  { isReport }: typeof Late,
): Promise<Pick<MapView, 'source' | 'report'>> {
  // One with a label shows no pools.
  const usual = config.listen.find(({ label }) => label === undefined);
  const socket = wish.socket ?? usual?.path ?? '';
  const { folderFlag } = wish;
  const answer = folderFlag === undefined ? await askDaemon(socket, isReport) : { reason: `--${folderFlag} was given` };
  if ('pools' in answer) return { source: { daemon: socket }, report: answer };
  if (wish.socket !== undefined) {
    const remedy = 'start podnetd there, or leave --socket out to read the folder of networks';
    throw new MapError(`--socket ${wish.socket}: no podnetd listens there (${answer.reason}); ${remedy}`);
  }
  const reason = folderFlag === undefined ? `no podnetd listens on ${socket}` : answer.reason;
  const { report, warnings } = await readFolder(config);
  for (const warning of [...config.warnings, ...warnings]) complain(warning);
  return { source: { folder: config.cniConfigDir, reason }, report };
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

function loadLate(): typeof Late {
  try {
    return loadBeside(lateFile) as typeof Late;
  } catch (error) {
    const reason = reasonOf(error).split('\n')[0];
    throw new MapError(`${lateFile}: not beside podnetd.cjs (${reason}); install it there`, { cause: error });
  }
}
