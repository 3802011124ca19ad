import type { DialectName } from './commands.js';
import { defaultName, idOf, type ModelFile } from './folder-model.js';

/** The facts of a network that the dialects show. */
export interface Shown {
  readonly name: string;
  readonly id: string;
  readonly subnets: readonly string[];
  readonly labels: unknown;
  readonly internal: boolean;
  readonly mtu: number;
  /** Undefined in Docker's dialect, as is `isolated`. */
  readonly bridge: string | undefined;
  readonly isolated: boolean | undefined;
}

/** @param asDocker whether the default network has its name for Docker's clients */
export function show(dialect: DialectName, file: ModelFile, asDocker: boolean): Shown {
  const { name = '', subnets, labels, internal, mtu, bridge, isolated } = file;
  const isCompat = dialect === 'compat';
  return {
    name: isCompat && asDocker && name === defaultName ? 'bridge' : name,
    id: idOf(name),
    subnets,
    labels,
    internal,
    mtu,
    bridge: isCompat ? undefined : bridge,
    isolated: isCompat ? undefined : isolated,
  };
}

interface CompatShape {
  readonly Name: string;
  readonly Id: string;
  readonly Labels: unknown;
  readonly Internal: boolean;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
  readonly Options: { readonly mtu?: string };
}

interface V4Shape {
  readonly name: string;
  readonly id: string;
  readonly network_interface: string;
  readonly internal: boolean;
  readonly labels?: unknown;
  readonly options?: { readonly mtu?: string; readonly isolate?: string };
  readonly subnets?: readonly { readonly subnet: string }[];
}

interface Conflist {
  readonly name: string;
  readonly args?: { readonly podman_labels?: unknown };
  readonly plugins: readonly {
    readonly bridge: string;
    readonly isGateway?: boolean;
    readonly mtu?: number;
    readonly ingressPolicy?: string;
    readonly ipam: { readonly ranges: readonly (readonly { readonly subnet: string }[])[] };
  }[];
}

/** libpod 3 lists the bytes of the files. */
export function unwrapReport(report: unknown): unknown {
  const { Bytes } = report as { readonly Bytes: string };
  return JSON.parse(Buffer.from(Bytes, 'base64').toString()) as unknown;
}

/** Readers of a network in the body of each dialect. */
export const readers: Readonly<Record<DialectName, (body: unknown) => Shown>> = {
  compat(body) {
    const { Name, Id, Labels, Internal, IPAM, Options } = body as CompatShape;
    return {
      name: Name,
      id: Id,
      subnets: IPAM.Config.map(({ Subnet }) => Subnet),
      labels: Labels,
      internal: Internal,
      mtu: Number(Options.mtu ?? 0),
      bridge: undefined,
      isolated: undefined,
    };
  },
  'libpod-v3'(body) {
    const { name, args, plugins } = body as Conflist;
    const [first] = plugins;
    return {
      name,
      id: idOf(name),
      subnets: (first?.ipam.ranges ?? []).flat().map(({ subnet }) => subnet),
      labels: args?.podman_labels ?? {},
      internal: first?.isGateway !== true,
      mtu: first?.mtu ?? 0,
      bridge: first?.bridge,
      isolated: plugins.some(({ ingressPolicy }) => ingressPolicy === 'same-bridge'),
    };
  },
  'libpod-v4'(body) {
    const { name, id, network_interface: bridge, internal, labels, options, subnets } = body as V4Shape;
    return {
      name,
      id,
      subnets: (subnets ?? []).map(({ subnet }) => subnet),
      labels: labels ?? {},
      internal,
      mtu: Number(options?.mtu ?? 0),
      bridge,
      isolated: options?.isolate === 'true',
    };
  },
};
