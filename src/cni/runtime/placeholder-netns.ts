import { startHolder, StartError, type Argv, type Holder } from '../../host/programs/background.js';
import { HeldNetns } from '../../host/namespaces/held-netns.js';
import { isLive } from '../../host/programs/process-identity.js';
import { run } from '../../host/programs/run.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { PlaceProgram } from '../../host/programs/program-call.js';
import type { PluginNamespace } from './plugin-namespace.js';

/** A network namespace with one interface, in place of one that is gone. */
export interface PlaceholderNetns {
  readonly namespace: PluginNamespace;
  end(): Promise<void>;
}

const limits = { timeoutMs: 10_000, maxOutputBytes: 65_536 };

/**
 * Plugins that masquerade keep their rules by address, and learn the addresses on DEL from the interface in the namespace; without either they
 * leave the rules behind. So they get an interface that has the address, which they remove as they would have removed the other. One for each
 * address: they stop at the first whose rules are gone already.
 *
 * source: containernetworking/plugins plugins/main/{bridge/bridge.go,ptp/ptp.go}@v1.1.1 (cmdDel), pkg/ip/link_linux.go (DelLinkByNameAddr)
 */
export class PlaceholderNetnses {
  constructor(private readonly runner: PlaceProgram) {}

  /**
   * It ends with this process at the latest.
   *
   * @param address with its prefix length
   * @returns undefined where it cannot be made, as without the program `ip` or a namespace of the user
   */
  async make(ifName: string, address: string): Promise<PlaceholderNetns | undefined> {
    let holder: Holder | undefined;
    let held: HeldNetns | undefined;
    let isFinished = false;
    try {
      holder = await startHolder(await this.#wrap('unshare', '--net', '--'));
      held = hold(holder);
      isFinished = held !== undefined && (await this.#furnish(held.descriptor, ifName, address));
      return isFinished && held !== undefined ? toPlaceholder(held, holder) : undefined;
    } catch (error) {
      if (error instanceof StartError || error instanceof NetworkError) return undefined;
      throw error;
    } finally {
      if (!isFinished) {
        held?.close();
        await holder?.end();
      }
    }
  }

  /** @returns whether the interface is there */
  async #furnish(descriptor: number, ifName: string, address: string): Promise<boolean> {
    // Of all kinds of links this is one that the plugins made already, so the kernel has it.
    const peer = ifName === 'peer0' ? 'peer1' : 'peer0';
    const steps = [
      ['link', 'add', 'name', ifName, 'type', 'veth', 'peer', 'name', peer],
      ['address', 'add', address, 'dev', ifName],
    ];
    for (const step of steps) {
      const [file, ...args] = await this.#wrap('nsenter', '--net=/proc/self/fd/3', '--', 'ip', ...step);
      const outcome = await run(file, args, { ...limits, descriptors: [descriptor] });
      if (outcome.kind !== 'ended' || outcome.exitCode !== 0) return false;
    }
    return true;
  }

  async #wrap(file: string, ...args: readonly string[]): Promise<Argv> {
    const command = await this.runner({ file, args });
    return [command.file, ...command.args];
  }
}

/** @returns undefined when its process ended meanwhile */
function hold({ process }: Holder): HeldNetns | undefined {
  const netns = `/proc/${process.pid}/ns/net`;
  const held = HeldNetns.open(netns, netns);
  if (isLive(process)) return held;
  held?.close();
  return undefined;
}

function toPlaceholder(namespace: HeldNetns, holder: Holder): PlaceholderNetns {
  return {
    namespace,
    end: async () => {
      namespace.close();
      await holder.end();
    },
  };
}
