import type { Config } from '../config/config.js';
import { readFlags } from '../config/flags.js';
import { readIdentity, type Environment } from '../config/identity.js';
import { loadConfig } from '../config/load.js';
import type { GivenOptions } from '../config/option.js';
import { print } from '../host/own-process/print.js';
import { readOutputForm } from '../host/own-process/terminal.js';
import { loadMap } from '../map/command/run.js';
import { findFleet } from '../map/source/fleet.js';
import { releaseHost } from './release.js';
import { readWish, type FleetWish } from './wish.js';

/** Runs `podnetd fleet`. @returns its exit code @throws ConfigError, MapError, RosterError */
export async function runFleet(words: readonly string[], options: GivenOptions, env: Environment): Promise<number> {
  const wish = readWish(words, options);
  const config = loadConfig(readFlags(options), env, readIdentity(env));
  if (wish.action === 'release') return await releaseHost(wish, config);
  await printStatus(wish, config, env);
  return 0;
}

async function printStatus(
  { from, isJson }: Extract<FleetWish, { action: 'status' }>,
  config: Config,
  env: Environment,
): Promise<void> {
  const late = loadMap();
  const { source, report } = await findFleet(from, config, late);
  print(
    isJson
      ? late.printFleetAsJson({ at: new Date(), source }, report)
      : late.printFleet(report, { source }, readOutputForm(env)),
  );
}
