import { isIP } from 'node:net';

/** Names that every program of the machine takes for loopback, without a question to DNS. source: RFC 6761, 6.3 */
const localName = /^(?:.+\.)?localhost\.?$/i;

/**
 * Whether a client that reached a loopback address may have meant it. A page of the web can have its own name lead to 127.0.0.1 (DNS rebinding), and
 * then read what the browser takes for an answer of its site; that name is in `Host`.
 *
 * @param host undefined for a client that is no browser
 */
export function meansThisMachine(host: string | undefined): boolean {
  if (host === undefined || host === '') return true;
  const [, bracketed, bare = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return isIP(bracketed ?? bare) !== 0 || localName.test(bare);
}
