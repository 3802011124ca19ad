import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { daemonScript } from '../../support/daemon.js';
import { conflist } from './networks.js';
import { fill, runHere, serve, type Server, type Wrap } from './server.js';

/** podnetd with its defaults and without its log, on a folder of `count` networks. */
export async function startPodnetd(scratch: string, count: number, wrap: Wrap = runHere): Promise<Server> {
  const home = mkdtempSync(path.join(scratch, 'podnetd-'));
  const folder = path.join(home, 'net.d');
  fill(folder, count, '.conflist', conflist);
  const socket = path.join(home, 's');
  const flags = ['--listen', `unix://${socket}`, '--cni-config-dir', folder];
  const start = () =>
    spawn(...wrap(process.execPath, [daemonScript, ...flags]), {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CONTAINERS_CONF: '/dev/null' },
    });
  return await serve('podnetd', start, socket);
}
