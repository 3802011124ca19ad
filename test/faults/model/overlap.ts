import { BlockList, isIPv6 } from 'node:net';

/** Whether two prefixes overlap: one of them has the first address of the other. */
export function overlap(a: string, b: string): boolean {
  return contains(a, b) || contains(b, a);
}

const known = new Map<string, boolean>();

function contains(outer: string, inner: string): boolean {
  const question = `${outer} ${inner}`;
  const answer = known.get(question) ?? look(outer, inner);
  known.set(question, answer);
  return answer;
}

function look(outer: string, inner: string): boolean {
  const [network = '', bits = ''] = outer.split('/');
  const [first = ''] = inner.split('/');
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family(network));
  return block.check(first, family(first));
}
