import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { writePodmanConf } from '../../support/podman-conf.js';
import { say } from '../print.js';
import { conflist, netavarkNetwork } from './networks.js';
import { fill, runHere, serve, type Server, type Wrap } from './server.js';

export type Backend = 'cni' | 'netavark';

const binaries: Readonly<Record<Backend, string>> = {
  cni: '/usr/lib/cni/bridge',
  netavark: '/usr/lib/podman/netavark',
};

/** `podman system service` on storage and networks of its own; undefined, with a printed line, where Podman is not installed. */
export async function startPodman(
  scratch: string,
  backend: Backend,
  count: number,
  wrap: Wrap = runHere,
): Promise<Server | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/podman') || !existsSync(binaries[backend])) {
    say(`podman with ${backend}: not compared (needs root, podman and ${binaries[backend]})`);
    return undefined;
  }
  const home = mkdtempSync(path.join(scratch, 'podman-'));
  const folder = path.join(home, 'networks');
  if (backend === 'cni') fill(folder, count, '.conflist', conflist);
  else fill(folder, count, '.json', netavarkNetwork);
  const at = (name: string) => path.join(home, name);
  mkdirSync(at('tmp'));
  const socket = at('s');
  const network = [`network_backend = "${backend}"`, `network_config_dir = ${JSON.stringify(folder)}`];
  const env = { ...process.env, ...writePodmanConf(home, network) };
  const start = () =>
    spawn(...wrap('podman', ['system', 'service', '--time', '0', `unix://${socket}`]), { stdio: 'ignore', env });
  return await serve(`podman (${backend})`, start, socket);
}
