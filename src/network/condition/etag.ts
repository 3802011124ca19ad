import { formatAddress, formatCidr } from '../../ip/cidr.js';
import { NetworkError } from '../../model/errors/errors.js';
import { printParsedJson } from '../../model/go/parsed-json.js';
import type { Network, StringMap } from '../../model/network.js';
import { rememberEach } from '../../model/remember-each.js';
import type { ExpectedTags } from '../../model/revision.js';
import { sha256 } from '../../model/sha256.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';

/** Hexadecimal digits that stand for a file, and for each fact behind them. */
const stateDigits = 32;
const factDigits = 4;

type Print = (network: Network) => string;

/** Facts that a client may have seen, by libpod 4's names; a tag has a short hash of each, so that a refusal can name what has changed. */
const facts: Readonly<Record<string, Print>> = {
  driver: ({ driver }) => driver,
  network_interface: ({ networkInterface }) => networkInterface,
  // A change keeps it to the microsecond.
  created: ({ createdNs }) => String(createdNs / 1_000n),
  subnets: ({ subnets }) =>
    printAll(subnets, ({ cidr, gateway, leaseStart, leaseEnd, reserved }) =>
      [
        formatCidr(cidr),
        ...[gateway, leaseStart, leaseEnd, ...reserved.values()].map((one) => one && formatAddress(one)),
      ].join(),
    ),
  routes: ({ routes }) =>
    printAll(routes, ({ destination, gateway, metric }) =>
      [formatCidr(destination), gateway && formatAddress(gateway), metric].join(),
    ),
  internal: ({ internal }) => String(internal),
  dns_enabled: ({ dnsEnabled }) => String(dnsEnabled),
  network_dns_servers: ({ dnsServers }) => printAll(dnsServers, formatAddress),
  labels: ({ labels }) => printMap(labels),
  options: ({ options }) => printMap(options),
  ipam_options: ({ ipamDriver }) => ipamDriver ?? '',
  docker_options: ({ docker }) => printMap(docker?.options ?? new Map()),
};

/** Stands for the content of a network's file, the time of the file and the network's plugin folder: hexadecimal digits that change with them. */
export const etagOf = rememberEach(({ network, text, conflist }: StoredNetwork): string => {
  const state = hash([text, network.createdNs, printParsedJson(conflist['plugins'])].join('\0'), stateDigits);
  return (
    state +
    Object.values(facts)
      .map((print) => hash(print(network), factDigits))
      .join('')
  );
});

/** Refuses a change whose client decided by another state of the network than the current one. @throws NetworkError outdated */
export function checkTag(stored: StoredNetwork, expected: ExpectedTags): void {
  if (expected === undefined) return;
  const current = etagOf(stored);
  if (expected.includes(current)) return;
  const [given = ''] = expected;
  throw new NetworkError('networkOutdated', {
    name: stored.network.name,
    changed: listChanged(given, current),
    expected: expected.join(', '),
    current,
  });
}

/** The facts that differ between two tags; undefined where one of them is no tag of this form. */
function listChanged(given: string, current: string): readonly string[] | undefined {
  if (given.length !== current.length || !/^[0-9a-f]*$/.test(given)) return undefined;
  const partOf = (tag: string, index: number) => tag.slice(stateDigits + index * factDigits).slice(0, factDigits);
  return Object.keys(facts).filter((_, index) => partOf(given, index) !== partOf(current, index));
}

function hash(text: string, digits: number): string {
  return sha256(text).slice(0, digits);
}

function printAll<T>(all: readonly T[], print: (one: T) => string): string {
  return all.map(print).join(' ');
}

function printMap(map: StringMap): string {
  return JSON.stringify([...map]);
}
