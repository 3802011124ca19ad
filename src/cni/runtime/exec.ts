import { setTimeout as sleep } from 'node:timers/promises';
import type { PlaceProgram } from '../../host/programs/program-call.js';
import { run, type RunOptions, type RunOutcome } from '../../host/programs/run.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { PluginStep } from '../../model/errors/plugin.js';
import { isObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { PluginDirs } from './plugin-dirs.js';
import { PassedNamespace, type NamespacePassing, type PluginNamespace } from './plugin-namespace.js';

export interface PluginCall extends PluginStep {
  /** What the plugin reads from stdin. */
  readonly config: JsonObject;
  /** Undefined for none. */
  readonly namespace: PluginNamespace | undefined;
  /** `CNI_…`, less what every call has. */
  readonly env: Readonly<Record<string, string>>;
  /** Inherited by the plugin and its children; see host/programs/run. */
  readonly descriptors?: readonly number[];
}

export interface PluginLimits {
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

/** CNI's code for a version that a plugin does not know; source: CNI specification 1.0.0, "Error". */
const incompatibleVersion = 1;
/** A binary that is being installed is busy for a moment. */
const busyTries = 5;
const busyPauseMs = 200;
/** What an error quotes of a plugin's output. */
const quotedChars = 300;

/** Runs one plugin binary once. */
export class PluginExec {
  constructor(
    private readonly dirs: PluginDirs,
    private readonly runner: PlaceProgram,
    private readonly limits: PluginLimits,
    private readonly passing: NamespacePassing = 'byProcess',
  ) {}

  /**
   * @returns the JSON object that the plugin printed; undefined when it succeeded without a word
   * @throws NetworkError plugin
   */
  async call(call: PluginCall): Promise<JsonObject | undefined> {
    const { plugin, command, descriptors = [] } = call;
    const file = this.dirs.find(plugin);
    const passed = new PassedNamespace(call.namespace, this.passing, descriptors.length);
    const outcome = await this.#run(file, {
      ...this.limits,
      stdin: passed.write(call.config),
      env: { ...call.env, CNI_COMMAND: command, CNI_NETNS: passed.netns, CNI_PATH: this.dirs.folders.join(':') },
      descriptors: [...descriptors, ...passed.descriptors],
    });
    return this.#judge({ plugin, command }, file, readOutcome(outcome, passed));
  }

  async #run(file: string, options: RunOptions): Promise<RunOutcome> {
    const command = await this.runner({ file, args: [] });
    for (let tries = 1; ; tries += 1) {
      const outcome = await run(command.file, command.args, options);
      if (outcome.kind !== 'notStarted' || outcome.code !== 'ETXTBSY' || tries >= busyTries) return outcome;
      await sleep(busyPauseMs);
    }
  }

  #judge(step: PluginStep, file: string, outcome: RunOutcome): JsonObject | undefined {
    if (outcome.kind === 'notStarted') {
      throw new NetworkError('pluginNotStarted', { ...step, path: file, reason: outcome.reason });
    }
    if (outcome.kind === 'killed') {
      const { timeoutMs, maxOutputBytes: limitBytes } = this.limits;
      throw outcome.cause === 'output'
        ? new NetworkError('pluginFlooded', { ...step, limitBytes })
        : new NetworkError('pluginHung', { ...step, timeoutMs });
    }
    if (outcome.exitCode !== 0) throw readFailure(step, outcome);
    return outcome.stdout.trim() === '' ? undefined : readObject(step, outcome.stdout);
  }
}

function readOutcome(outcome: RunOutcome, passed: PassedNamespace): RunOutcome {
  if (outcome.kind === 'notStarted') return outcome;
  return { ...outcome, stdout: passed.read(outcome.stdout), stderr: passed.read(outcome.stderr) };
}

/** source: containernetworking/cni pkg/invoke/raw_exec.go@v1.1.2 (pluginErr) */
function readFailure(step: PluginStep, outcome: RunOutcome & { readonly kind: 'ended' }): NetworkError {
  const { stdout, stderr, exitCode, signal } = outcome;
  if (stdout.trim() === '') {
    const exit = signal === null ? `exit status ${exitCode}` : `signal ${signal}`;
    return new NetworkError('pluginSilent', { ...step, exit, stderr: quote(stderr) });
  }
  const told = readObject(step, stdout);
  const code = typeof told['code'] === 'number' ? told['code'] : 0;
  const details = { ...step, code, msg: textOf(told['msg']), details: textOf(told['details']) };
  return new NetworkError(code === incompatibleVersion ? 'pluginVersion' : 'pluginFailed', details);
}

function readObject(step: PluginStep, output: string): JsonObject {
  const refuse = (reason: string, cause?: unknown) =>
    new NetworkError('pluginGarbage', { ...step, output: quote(output), reason }, { cause });
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch (error) {
    throw refuse((error as Error).message, error);
  }
  if (!isObject(value)) throw refuse('it is no JSON object');
  return value;
}

function quote(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > quotedChars ? `${trimmed.slice(0, quotedChars)}…` : trimmed;
}
