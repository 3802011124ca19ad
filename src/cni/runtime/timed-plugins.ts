import { NetworkError } from '../../model/errors/errors.js';
import type { PluginStep } from '../../model/errors/plugin.js';
import type { JsonObject } from '../../model/json-object.js';
import type { CallPlugin } from './chain.js';
import type { PluginCall } from './exec.js';

/** One run of a plugin. */
export interface TimedRun {
  /** Undefined for a name that no installed plugin has, so that a conflist cannot bring any name here. */
  readonly plugin: string | undefined;
  readonly command: PluginStep['command'];
  readonly seconds: number;
  readonly failed: boolean;
}

const millisecond = 1 / 1_000;

/** Reports each run of a plugin, without the wait for other plugins. */
export class TimedPlugins implements CallPlugin {
  constructor(
    private readonly exec: CallPlugin,
    private readonly onRun: (run: TimedRun) => void,
  ) {}

  async call(call: PluginCall): Promise<JsonObject | undefined> {
    const { plugin, command } = call;
    const begun = performance.now();
    const report = (name: string | undefined, failed: boolean) =>
      this.onRun({ plugin: name, command, seconds: (performance.now() - begun) * millisecond, failed });
    try {
      const result = await this.exec.call(call);
      report(plugin, false);
      return result;
    } catch (error) {
      report(isAbsent(error) ? undefined : plugin, true);
      throw error;
    }
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof NetworkError && ['pluginNotFound', 'pluginNameInvalid'].includes(error.code);
}
