import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Test } from 'tap';
import type { Netns } from './netns.js';

/** Starts a server inside a namespace that answers `port N` on a port, until the test ends. */
export async function serveTcp(t: Test, netns: Pick<Netns, 'wrap'>, port: number): Promise<void> {
  const script = `require('net').createServer((peer) => peer.end('port ${port}')).listen(${port}, () => console.log('up'))`;
  const child = spawn(...netns.wrap(process.execPath, ['-e', script]), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await once(child.stdout, 'data');
}

/**
 * Connects to a port. Without a server there, the host that has the address answers `ECONNREFUSED`.
 *
 * @returns the server's text, the error's code, or `silence` after `timeoutMs`
 */
export async function knock(
  from: Pick<Netns, 'run'>,
  address: string,
  port: number,
  timeoutMs = 5000,
): Promise<string> {
  const script = `const net = require('net');
    const peer = net.connect({ host: '${address}', port: ${port}, family: ${isIPv6(address) ? 6 : 4} });
    const timer = setTimeout(() => { console.log('silence'); peer.destroy(); }, ${timeoutMs});
    peer.on('data', (data) => console.log(String(data))).on('error', ({ code }) => console.log(code))
      .on('close', () => clearTimeout(timer));`;
  return (await from.run(process.execPath, ['-e', script])).stdout.trim();
}
