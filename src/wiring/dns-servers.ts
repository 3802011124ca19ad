import { StampedText } from '../host/files/stamped-text.js';
import type { Address } from '../model/address.js';
import { parseResolvConf, type ResolvConf } from '../network/create/resolv-conf.js';

/** Bytes; a resolver reads three lines of it. */
const longestResolvConf = 65_536;

/** source: systemd-resolved.service(8) */
const places = { own: '/etc/resolv.conf', ofResolved: '/run/systemd/resolve/resolv.conf' };

/**
 * Returns a function that finds the DNS servers that this host asks: those of resolv.conf, or those behind systemd-resolved where that file names
 * it alone. The list is the same object until a file changes.
 */
export function followDnsServers({ own, ofResolved } = places): () => readonly Address[] {
  const ownFile = followResolvConf(own);
  const resolvedFile = followResolvConf(ofResolved);
  return () => {
    const found = ownFile();
    return (found.namesStubAlone ? resolvedFile() : found).servers;
  };
}

function followResolvConf(file: string): () => ResolvConf {
  const source = new StampedText(file, longestResolvConf);
  let last = { text: '', content: parseResolvConf('') };
  return () => {
    const text = source.read();
    if (text !== last.text) last = { text, content: parseResolvConf(text) };
    return last.content;
  };
}
