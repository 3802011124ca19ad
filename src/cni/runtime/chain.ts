import type { AttachmentKey } from '../../model/attachment.js';
import type { ErrorCode } from '../../model/errors/catalogue.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { PluginStep } from '../../model/errors/plugin.js';
import { pluginsOf } from '../conflist/structure.js';
import type { PluginCall } from './exec.js';
import type { PluginNamespace } from './plugin-namespace.js';
import { asObject, textOf, type JsonObject } from '../../model/json-object.js';

/** One attachment, as passed to its plugins (libcni: `RuntimeConf`). */
export interface ChainCall {
  readonly conflist: JsonObject;
  readonly containerId: string;
  /** Undefined once it is gone. */
  readonly namespace: PluginNamespace | undefined;
  /** Namespaces for the DEL of plugins that look for the addresses of an interface that is gone; see PlaceholderNetnses. */
  readonly placeholders?: readonly PluginNamespace[];
  readonly ifName: string;
  readonly cniArgs: readonly (readonly [key: string, value: string])[];
  /** By capability; each plugin receives those that it declares. */
  readonly capabilityArgs: JsonObject;
  /** File descriptors that every plugin of the chain inherits; see host/programs/run. */
  readonly descriptors?: readonly number[];
}

export interface CallPlugin {
  call(call: PluginCall): Promise<JsonObject | undefined>;
}

/** An ADD that failed and was rolled back; `leftovers` are the errors of DELs that failed in the rollback. */
export interface AddFailure {
  readonly failure: unknown;
  readonly leftovers: readonly unknown[];
}

/** The key of an attachment within its network. */
export type ValidAttachment = Pick<AttachmentKey, 'containerId' | 'ifName'>;

/** CNI version of a conflist that names none; source: CNI specification 0.2.0. */
const oldestVersion = '0.1.0';
/** First CNI version whose DEL receives the result of ADD. */
const delWithResult = [0, 4, 0];

/**
 * Runs the plugins of a conflist as libcni does: each receives its own object with the list's name and version, the result of the plugin before
 * it, and the capability arguments that it declares.
 *
 * source: containernetworking/cni libcni/api.go@v1.1.2
 */
export class PluginChain {
  constructor(private readonly exec: CallPlugin) {}

  /**
   * @param onResult receives each plugin's result before the next plugin runs
   * @returns the last plugin's result, or the failure after a rollback
   */
  async add(
    call: ChainCall,
    onResult: (result: JsonObject) => void,
  ): Promise<{ readonly result: JsonObject } | AddFailure> {
    let result: JsonObject | undefined;
    const done: JsonObject[] = [];
    for (const plugin of pluginsOf(call.conflist)) {
      try {
        result = await this.#add(call, plugin, result);
        done.push(plugin);
        onResult(result);
      } catch (failure) {
        // The failing plugin gets a DEL too, because it may have done half of its work.
        if (!isNeverRun(failure)) done.push(plugin);
        return { failure, leftovers: await this.#delete(call, done, result) };
      }
    }
    return { result: result ?? {} };
  }

  /**
   * Runs DEL of every plugin in reverse order, also after a failure.
   *
   * @param result of the ADD; undefined when it is not known
   * @returns the failures
   */
  async delete(call: ChainCall, result: JsonObject | undefined): Promise<readonly unknown[]> {
    return await this.#delete(call, pluginsOf(call.conflist), result);
  }

  /**
   * Asks a plugin of the chain whether it is able to connect containers.
   *
   * source: CNI specification 1.1.0, "STATUS"; libcni/api.go@v1.2.0 (GetStatusNetworkList)
   *
   * @param plugin one that knows CNI 1.1.0 @throws NetworkError plugin, with the plugin's words when it is not
   */
  async status(conflist: JsonObject, plugin: JsonObject): Promise<void> {
    await this.#ask('STATUS', conflist, plugin, {});
  }

  /**
   * Has a plugin of the chain remove all that it keeps for other attachments of the network.
   *
   * source: CNI specification 1.1.0, "GC"; libcni/api.go@v1.2.0 (GCNetworkList), which gives the list under both names
   *
   * @param plugin one that knows CNI 1.1.0 @param valid every attachment of the network that may live @throws NetworkError plugin
   */
  async collect(conflist: JsonObject, plugin: JsonObject, valid: readonly ValidAttachment[]): Promise<void> {
    const attachments = valid.map(({ containerId: containerID, ifName: ifname }) => ({ containerID, ifname }));
    await this.#ask('GC', conflist, plugin, {
      'cni.dev/valid-attachments': attachments,
      'cni.dev/attachments': attachments,
    });
  }

  async #ask(command: 'STATUS' | 'GC', conflist: JsonObject, plugin: JsonObject, more: JsonObject): Promise<void> {
    const { name, cniVersion } = conflist;
    const config = { ...plugin, name, cniVersion, ...more };
    await this.exec.call({ plugin: textOf(plugin['type']), command, config, env: {}, namespace: undefined });
  }

  async #delete(
    call: ChainCall,
    plugins: readonly JsonObject[],
    result: JsonObject | undefined,
  ): Promise<readonly unknown[]> {
    const prevResult = isAtLeast(versionOf(call.conflist), delWithResult) ? result : undefined;
    const failures: unknown[] = [];
    for (const plugin of plugins.toReversed()) {
      if (isMasquerading(plugin)) await this.#sweep(call, plugin, prevResult);
      try {
        await this.#call('DEL', call, plugin, prevResult);
      } catch (failure) {
        failures.push(failure);
      }
    }
    return failures;
  }

  /** Ignores the errors of plugins, because they fail when their rules are gone already. */
  async #sweep(call: ChainCall, plugin: JsonObject, prevResult: JsonObject | undefined): Promise<void> {
    for (const namespace of call.placeholders ?? []) {
      await this.#call('DEL', { ...call, namespace }, plugin, prevResult).catch((error: unknown) => {
        if (!(error instanceof NetworkError)) throw error;
      });
    }
  }

  async #add(call: ChainCall, plugin: JsonObject, prevResult: JsonObject | undefined): Promise<JsonObject> {
    const result = await this.#call('ADD', call, plugin, prevResult);
    if (result === undefined) {
      const step: PluginStep = { plugin: textOf(plugin['type']), command: 'ADD' };
      throw new NetworkError('pluginGarbage', { ...step, output: '', reason: 'it is empty' });
    }
    return textOf(result['cniVersion']) === '' ? { ...result, cniVersion: versionOf(call.conflist) } : result;
  }

  async #call(
    command: PluginStep['command'],
    call: ChainCall,
    plugin: JsonObject,
    prevResult: JsonObject | undefined,
  ): Promise<JsonObject | undefined> {
    const { containerId, namespace, ifName, cniArgs, descriptors } = call;
    return await this.exec.call({
      plugin: textOf(plugin['type']),
      command,
      config: buildConfig(call, plugin, prevResult),
      env: {
        CNI_CONTAINERID: containerId,
        CNI_IFNAME: ifName,
        CNI_ARGS: cniArgs.map(([key, value]) => `${key}=${value}`).join(';'),
      },
      namespace,
      ...(descriptors && { descriptors }),
    });
  }
}

const neverRun: ReadonlySet<ErrorCode> = new Set([
  'pluginNameInvalid',
  'pluginNotFound',
  'pluginNotStarted',
  'pluginVersion',
]);

function isNeverRun(failure: unknown): boolean {
  return failure instanceof NetworkError && neverRun.has(failure.code);
}

/** source: containernetworking/cni libcni/api.go@v1.1.2 (buildOneConfig, injectRuntimeConfig) */
function buildConfig(call: ChainCall, plugin: JsonObject, prevResult: JsonObject | undefined): JsonObject {
  const declared = asObject(plugin['capabilities']);
  const wanted = Object.entries(call.capabilityArgs).filter(([capability]) => declared[capability] === true);
  return {
    ...plugin,
    name: call.conflist['name'],
    cniVersion: call.conflist['cniVersion'] ?? '',
    ...(prevResult && { prevResult }),
    ...(wanted.length > 0 && { runtimeConfig: Object.fromEntries(wanted) }),
  };
}

export function isMasquerading(plugin: JsonObject): boolean {
  return plugin['ipMasq'] === true;
}

/** The version of the CNI specification that a conflist follows. */
export function versionOf(conflist: JsonObject): string {
  return textOf(conflist['cniVersion']) || oldestVersion;
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
