import path from 'node:path';
import type { Logger } from 'pino';
import { runHere, type PlaceProgram } from '../host/programs/program-call.js';
import type { NamespacePassing } from '../cni/runtime/plugin-namespace.js';
import type { Config } from '../config/config.js';
import type { BridgeRemoval } from '../host/netlink/links.js';
import type { ProgramCall } from '../host/programs/program-call.js';
import type { WrapProgram } from '../host/namespaces/netns.js';
import type { KernelFacts, RtNetlink } from '../host/netlink/rtnetlink.js';
import { tapName } from '../host/slirp4netns/process.js';
import type { Argv } from '../host/programs/background.js';
import { networkAddress } from '../ip/cidr.js';
import type { Address, Cidr } from '../model/address.js';
import type { Attachment } from '../model/attachment.js';
import type { AttachmentRuntime } from '../network/dependencies/runtime.js';
import { Forwards } from '../rootless/forwards.js';
import { cacheDirOf, outsideOf } from '../rootless/layout.js';
import { RootlessNamespace } from '../rootless/namespace.js';
import { RootlessRuntime, type InnerRuntime } from '../rootless/runtime.js';
import { slirpAddresses, type SlirpAddresses } from '../rootless/slirp-addresses.js';

/** The network namespace that has the bridges of networks. */
export interface BridgedNetwork {
  /** Facts of the host, with the prefixes and names that are taken there. @throws NetworkError storage */
  readFacts(): Promise<KernelFacts>;
  /** Whether a link may have the name of a bridge of networks, as far as is known without a question to the kernel. */
  mayHaveBridge(bridge: string): boolean;
  removeBridge(bridge: string, gateways: readonly Address[] | undefined): Promise<BridgeRemoval>;
}

/** Where a runtime and its plugins keep attachments. */
export interface RuntimePlaces {
  /** Path, as libcni's CacheDir. */
  readonly cacheDir: string;
  /** The path by which this process sees what the plugins have at an absolute path. */
  readonly seeForPlugins: (target: string) => string;
}

/** The differences between root, who has the host's own network, and other users, who have one in namespaces. */
export interface ExecutionMode {
  /** Where runtimes mount network namespaces. */
  readonly netnsFolders: readonly string[];
  /** As {@link RuntimePlaces} has it, of podnetd's own plugins. */
  readonly seeForPlugins: RuntimePlaces['seeForPlugins'];
  /** Those of the user's other runtimes. */
  readonly otherRuntimes: readonly RuntimePlaces[];
  readonly runPlugin: PlaceProgram;
  /** Brings a program to where a network namespace can be entered. */
  readonly wrapForNetns: WrapProgram;
  /** How plugins come by the namespace of a container. */
  readonly namespacePassing: NamespacePassing;
  /** Paths of namespaces that have the bridges of networks, besides the one that podnetd runs in. */
  networkNamespaces(): readonly string[];
  /** The path under which this process sees a path; undefined when that is not known. */
  see(target: string): string | undefined;
  /** The network that has the bridges of networks, and what is taken there. @param kernel of the host's own network */
  network(kernel: RtNetlink): BridgedNetwork;
  wrapRuntime(inner: InnerRuntime, isAlive: (attachment: Attachment) => boolean): AttachmentRuntime;
}

export function chooseMode(config: Config, log: Logger): ExecutionMode {
  return config.identity.rootless ? rootlessMode(config, log) : rootMode;
}

const rootMode: ExecutionMode = {
  netnsFolders: ['/run/netns', '/var/run/netns'],
  seeForPlugins: (target) => target,
  otherRuntimes: [],
  runPlugin: runHere,
  wrapForNetns: (call) => call,
  namespacePassing: 'byProcess',
  networkNamespaces: () => [],
  see: (target) => target,
  network: (kernel) => ({
    readFacts: async () => await kernel.readFacts(),
    mayHaveBridge: (bridge) => kernel.mayHave(bridge),
    removeBridge: async (bridge, gateways) => await kernel.removeBridge(bridge, gateways),
  }),
  wrapRuntime: (inner) => inner,
};

function rootlessMode({ identity, slirp, slirpPath }: Config, log: Logger): ExecutionMode {
  const { euid, runtimeDir } = identity;
  const egid = process.getegid?.() ?? euid;
  const namespace = new RootlessNamespace({
    euid,
    egid,
    runtimeDir,
    slirp,
    ...(slirpPath !== undefined && { slirpPath }),
  });
  const { layout } = namespace;
  const addresses = slirpAddresses(slirp.cidr);
  return {
    netnsFolders: [path.join(runtimeDir, 'netns')],
    seeForPlugins: (target) => outsideOf(layout.home, target),
    otherRuntimes: [
      {
        cacheDir: cacheDirOf(layout.podman4.home),
        seeForPlugins: (target) => outsideOf(layout.podman4.home, target),
      },
    ],
    runPlugin: async (call) => await Promise.resolve(toCall(namespace.wrap(toArgv(call)))),
    wrapForNetns: (call, netns) => toCall(namespace.wrapForNetns(toArgv(call), netns)),
    namespacePassing: 'byDescriptor',
    networkNamespaces: () => namespace.ownPaths(),
    see: (target) => namespace.see(target),
    network: (kernel) => ({
      readFacts: async () => addInner(await kernel.readFacts(), namespace, addresses),
      mayHaveBridge: (bridge) => namespace.mayHaveLink(bridge),
      removeBridge: async (bridge, gateways) => await namespace.removeBridge(bridge, gateways),
    }),
    wrapRuntime: (inner, isAlive) =>
      new RootlessRuntime({
        inner,
        namespace,
        forwards: new Forwards(layout, addresses.guest),
        isAlive,
        onLoss: (error, attachment) => log.error({ err: error, ...attachment }, 'not brought back'),
      }),
  };
}

/** Links inside a user's namespace besides the tap are plugged into bridges, or are bridges. */
function addInner(facts: KernelFacts, namespace: RootlessNamespace, { subnet }: SlirpAddresses): KernelFacts {
  const inner = namespace.links().map((name) => ({ name, kind: name === tapName ? 'device' : 'bridge' }));
  return {
    links: [...facts.links, ...inner],
    addresses: [...facts.addresses, toKernelPrefix(subnet)],
    routes: [...facts.routes, ...namespace.prefixes()],
  };
}

function toArgv({ file, args }: ProgramCall): Argv {
  return [file, ...args];
}

function toCall([file, ...args]: Argv): ProgramCall {
  return { file, args };
}

function toKernelPrefix(subnet: Cidr): KernelFacts['addresses'][number] {
  const { value } = networkAddress(subnet);
  return { address: Buffer.from(value.toString(16).padStart(8, '0'), 'hex'), prefixBits: subnet.prefixBits };
}
