import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { daemonScript } from '../../support/daemon.js';
import { conflist } from './networks.js';
import { fill, runHere, serve, type Server, type Wrap } from './server.js';

/**
 * podnetd without its log, on a folder of `count` networks.
 *
 * @param settings text of its podnetd.toml; without one podnetd has its defaults
 */
export async function startPodnetd(
  scratch: string,
  count: number,
  wrap: Wrap = runHere,
  settings = '',
): Promise<Server> {
  const home = mkdtempSync(path.join(scratch, 'podnetd-'));
  const folder = path.join(home, 'net.d');
  fill(folder, count, '.conflist', conflist);
  const socket = path.join(home, 's');
  const config = path.join(home, 'podnetd.toml');
  writeFileSync(config, settings);
  const flags = ['--listen', `unix://${socket}`, '--cni-config-dir', folder, '--config', config];
  const start = () =>
    spawn(...wrap(process.execPath, [daemonScript, ...flags]), {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CONTAINERS_CONF: '/dev/null' },
    });
  return await serve('podnetd', start, socket);
}
