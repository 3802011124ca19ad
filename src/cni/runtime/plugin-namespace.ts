import type { JsonObject } from '../../model/json-object.js';

/** A network namespace that is held open for as long as plugins are run in it. */
export interface PluginNamespace {
  /** The client's own, which is written down and which other runtimes know. */
  readonly path: string;
  readonly descriptor: number;
}

/**
 * How plugins come by a namespace: through the descriptors of this process, which the daemons that some of them ask (that of the dhcp plugin) can
 * follow too; or through one that they inherit, where they may not look into this process from the user namespace that they are in.
 */
export type NamespacePassing = 'byProcess' | 'byDescriptor';

/** What one plugin gets in place of the path, which may lead elsewhere by the time that it is opened. */
export class PassedNamespace {
  /** CNI_NETNS; empty without a namespace. */
  readonly netns: string;
  /** For the plugin to inherit, behind those that it inherits anyway. */
  readonly descriptors: readonly number[];

  /** @param inherited how many descriptors the plugin inherits besides */
  constructor(
    private readonly namespace: PluginNamespace | undefined,
    passing: NamespacePassing,
    inherited: number,
  ) {
    const isInherited = namespace !== undefined && passing === 'byDescriptor';
    this.descriptors = isInherited ? [namespace.descriptor] : [];
    // The first three are standard input, output and error.
    const owner = isInherited ? `self/fd/${3 + inherited}` : `${process.pid}/fd/${namespace?.descriptor}`;
    this.netns = namespace === undefined ? '' : `/proc/${owner}`;
  }

  /** The network configuration with earlier results in it: a plugin compares the path there with its own. */
  write(config: JsonObject): string {
    return JSON.stringify(config, (key, value: unknown) =>
      key === 'sandbox' && value === this.namespace?.path ? this.netns : value,
    );
  }

  /** A result or an error as it would be with the path. */
  read(output: string): string {
    if (this.namespace === undefined) return output;
    const { path } = this.namespace;
    const escaped = JSON.stringify(path).slice(1, -1);
    return output.replaceAll(new RegExp(`${this.netns}(?![0-9])`, 'g'), () => escaped);
  }
}
