import type { JsonObject } from '../../model/json-object.js';

/** A network namespace that is held open while plugins run in it. */
export interface PluginNamespace {
  /** The client's path, which the cache records and other runtimes know. */
  readonly path: string;
  readonly descriptor: number;
}

/**
 * How plugins reach a namespace: through the descriptors of this process, which the daemon of the dhcp plugin can follow too; or through a
 * descriptor that they inherit, when they run in a user namespace from which they may not look into this process.
 */
export type NamespacePassing = 'byProcess' | 'byDescriptor';

/** The path that one plugin receives instead of the client's, which may lead elsewhere by the time that the plugin opens it. */
export class PassedNamespace {
  /** CNI_NETNS; empty without a namespace. */
  readonly netns: string;
  /** File descriptors that the plugin inherits behind its others. */
  readonly descriptors: readonly number[];

  /** @param inherited how many other descriptors the plugin inherits */
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

  /** The configuration as JSON; earlier results in it name this path too, because a plugin compares it with its own. */
  write(config: JsonObject): string {
    return JSON.stringify(config, (key, value: unknown) =>
      key === 'sandbox' && value === this.namespace?.path ? this.netns : value,
    );
  }

  /** A result or an error with the client's path put back. */
  read(output: string): string {
    if (this.namespace === undefined) return output;
    const { path } = this.namespace;
    const escaped = JSON.stringify(path).slice(1, -1);
    return output.replaceAll(new RegExp(`${this.netns}(?![0-9])`, 'g'), () => escaped);
  }
}
