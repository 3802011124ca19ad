import type { Rule } from './facts.js';

/** A rule that a plugin wrote for one container. */
export interface ContainerRule {
  readonly kind: 'masquerade' | 'portMapping';
  readonly network: string;
  readonly containerId: string;
  /** The address of the container, with prefix length; undefined where the rule has none. */
  readonly address: string | undefined;
}

/**
 * Reads the rule by its comment.
 *
 * source: containernetworking/plugins pkg/utils/utils.go (FormatComment), pkg/ip/ipmasq_linux.go, plugins/meta/portmap/portmap.go @v1.1.1 and
 * @v1.9.1
 */
export function readContainerRule({ table, text }: Rule): ContainerRule | undefined {
  if (table !== 'nat') return undefined;
  const [, kind, network, containerId] = comment.exec(text) ?? [];
  if (network === undefined || containerId === undefined) return undefined;
  return {
    kind: kind === undefined ? 'masquerade' : 'portMapping',
    network,
    containerId,
    address: / -s ([0-9a-f.:]+\/\d+) /.exec(text)?.[1],
  };
}

const comment = /--comment "(dnat )?name: \\"([^"\\]+)\\" id: \\"([^"\\]+)\\""/;
