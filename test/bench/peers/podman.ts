import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { say } from '../print.js';
import { conflist, netavarkNetwork } from './networks.js';
import { fill, serve, type Server } from './server.js';

export type Backend = 'cni' | 'netavark';

const binaries: Readonly<Record<Backend, string>> = {
  cni: '/usr/lib/cni/bridge',
  netavark: '/usr/lib/podman/netavark',
};

/** `podman system service` on storage and networks of its own; undefined, and said so, where it is not installed. */
export async function startPodman(scratch: string, backend: Backend, count: number): Promise<Server | undefined> {
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
  const engine = [
    `events_logger = "none"`,
    `cgroup_manager = "cgroupfs"`,
    `lock_type = "file"`,
    `tmp_dir = ${JSON.stringify(at('tmp'))}`,
    `static_dir = ${JSON.stringify(at('static'))}`,
    `volume_path = ${JSON.stringify(at('volumes'))}`,
  ];
  const network = [`network_backend = "${backend}"`, `network_config_dir = ${JSON.stringify(folder)}`];
  writeFileSync(at('containers.conf'), ['[engine]', ...engine, '[network]', ...network, ''].join('\n'));
  const storage = [
    'driver = "vfs"',
    `graphroot = ${JSON.stringify(at('root'))}`,
    `runroot = ${JSON.stringify(at('run'))}`,
  ];
  writeFileSync(at('storage.conf'), ['[storage]', ...storage, ''].join('\n'));
  const socket = at('s');
  const env = { ...process.env, CONTAINERS_CONF: at('containers.conf'), CONTAINERS_STORAGE_CONF: at('storage.conf') };
  const start = () =>
    spawn('podman', ['system', 'service', '--time', '0', `unix://${socket}`], { stdio: 'ignore', env });
  return await serve(`podman (${backend})`, start, socket);
}
