import { lookOnce } from '../../host/netlink/one-look.js';
import type { KernelPrefix } from '../../host/netlink/prefixes.js';
import { readSmallFile } from '../../host/files/user-folder.js';
import { makeCidr } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import { mapInShares } from '../../model/in-shares.js';
import type { KernelFacts } from '../facts/facts.js';
import { fileOf, settingNames } from '../facts/settings.js';

/** The tables of the network namespace that podnetd runs in. @param isNamed see {@link LinkFacts} @throws NetworkError storage */
export async function gatherKernel(isNamed: (link: string) => boolean): Promise<KernelFacts> {
  const { links, masters, addresses, routes } = await lookOnce();
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const nameOf = (index: number | undefined) => (index === undefined ? undefined : names.get(index));
  const byLink = new Map<number | undefined, KernelPrefix[]>();
  for (const address of addresses) {
    const known = byLink.get(address.linkIndex);
    if (known === undefined) byLink.set(address.linkIndex, [address]);
    else known.push(address);
  }
  return {
    links: await mapInShares(links, ({ name, kind, index = 0 }) => ({
      name,
      kind,
      master: nameOf(masters.get(index)),
      addresses: (byLink.get(index) ?? []).map((found) => ({ address: toAddress(found), prefix: toCidr(found) })),
      isNamed: isNamed(name),
    })),
    routes: await mapInShares(routes, (found) => ({ prefix: toCidr(found), link: nameOf(found.linkIndex) })),
    settings: new Map(
      settingNames.flatMap((name) => {
        const value = readSmallFile(fileOf(name))?.trim();
        return value === undefined ? [] : [[name, value] as const];
      }),
    ),
  };
}

function toAddress({ address }: KernelPrefix): Address {
  return { family: address.length === 4 ? 4 : 6, value: BigInt(`0x${Buffer.from(address).toString('hex')}`) };
}

function toCidr(found: KernelPrefix) {
  return makeCidr(toAddress(found), found.prefixBits);
}
