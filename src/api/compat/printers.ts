import type { Network } from '../../model/network.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import { answerOnce, printOnce } from '../go/serializers.js';
import { dockerDefaultName, dockerNameOf } from './default-name.js';
import { CompatNetwork, CompatNetworks, CompatSummary } from './network-schemas.js';
import { writeNetwork } from './translate.js';
import type { VersionForm } from './version-form.js';

/** Prints networks that no container is on, in the form of a version. */
export interface Printer {
  /** @param name as the client shall see it: the network's own, or `bridge` */
  summary(network: Network, name: string): CompatSummary;
  list(networks: readonly StoredNetwork[], nameTaken: boolean): CompatNetworks;
  /** Without `Status`, which is another at each look. @param name as of `summary` */
  inspected(network: Network, name: string): CompatNetwork;
}

export type ChoosePrinter = (form: VersionForm) => Printer;

export function makePrinters(defaultNetwork: string): ChoosePrinter {
  const printers = new Map<VersionForm, Printer>();
  return (form) => {
    const known = printers.get(form) ?? makePrinter(form, defaultNetwork);
    printers.set(form, known);
    return known;
  };
}

function makePrinter(form: VersionForm, defaultNetwork: string): Printer {
  const containers = form.listedContainers !== 'absent' && { Containers: {} };
  const summary = byName((name) =>
    printOnce(CompatSummary, (network: Network) => ({
      ...writeNetwork(network, name ?? network.name, form),
      ...containers,
    })),
  );
  const inspected = byName((name) =>
    printOnce(CompatNetwork, (network: Network) => ({
      ...writeNetwork(network, name ?? network.name, form),
      Containers: {},
    })),
  );
  const makeList = (nameTaken: boolean) =>
    answerOnce(CompatNetworks, (networks: readonly StoredNetwork[]) =>
      networks.map(({ network }) => summary(network, dockerNameOf(network, defaultNetwork, nameTaken))),
    );
  const [list, plainList] = [makeList(false), makeList(true)];
  return { summary, inspected, list: (networks, nameTaken) => (nameTaken ? plainList(networks) : list(networks)) };
}

/** One printer for networks under their own names, and one for the network that a client calls `bridge`. */
function byName<T>(make: (name: string | undefined) => (network: Network) => T): (network: Network, name: string) => T {
  const [own, asDefault] = [make(undefined), make(dockerDefaultName)];
  return (network, name) => (name === network.name ? own(network) : asDefault(network));
}
