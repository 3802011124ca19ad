import type { Logger } from 'pino';
import { ConfigError } from '../config/config-error.js';
import type { Config } from '../config/config.js';
import { compareSettings } from '../config/settings.js';
import type { FileProblem } from '../network/dependencies/stored-network.js';
import type { SettingsInForce } from './settings-in-force.js';

/** Reads the files of settings again while podnetd runs: all of them or none. */
export class Reload {
  #problem: FileProblem | undefined;

  constructor(
    private readonly started: Config,
    private readonly load: () => Config,
    private readonly settings: SettingsInForce,
    private readonly log: Pick<Logger, 'info' | 'warn' | 'error'>,
  ) {}

  /** The fault of the last look at the files; undefined when they were good. */
  get problem(): FileProblem | undefined {
    return this.#problem;
  }

  /** Puts in force what can change while podnetd runs. A fault of a file changes nothing. */
  run(): void {
    let config: Config;
    try {
      config = this.load();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const { file, line } = error.place ?? {};
      this.#problem = { path: file ?? 'podnetd.toml', reason: error.rule, line };
      this.log.error({ reason: error.message }, 'the settings are wrong; those in force stay');
      return;
    }
    this.#problem = undefined;
    this.settings.replace(config);
    const { live, atStart } = compareSettings(this.started, config);
    this.log.info({ changed: live, ...(atStart.length > 0 && { waitForRestart: atStart }) }, 'settings read again');
    for (const warning of config.warnings) this.log.warn(warning);
  }
}
