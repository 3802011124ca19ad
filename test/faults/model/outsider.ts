import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Edit } from './commands.js';
import { fileOf } from './folder-model.js';

/** Acts as an editor, a package or another CNI runtime: at once, and without any lock. */
export function doEdit(folder: string, edit: Edit): void {
  const target = path.join(folder, fileOf(edit).key);
  if (edit.edit === 'unlink') {
    rmSync(target, { force: true });
    return;
  }
  const text = write(edit);
  // Not a broken file: podnetd takes a young one for half-written, and keeps the content before it for a while.
  if (edit.inPlace && edit.shape !== 'broken') {
    writeFileSync(target, text);
    return;
  }
  const aside = path.join(folder, '.outsider');
  writeFileSync(aside, text);
  if (edit.shape === 'broken') utimesSync(aside, 1_000_000_000, 1_000_000_000);
  renameSync(aside, target);
}

/** Removes every file that holds or hides a network. */
export function clear(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of listFiles(folder)) rmSync(path.join(folder, name));
}

/** Removes unfinished files, as the next start of a daemon does. */
export function clearUnfinished(folder: string): void {
  for (const name of listFiles(folder)) if (name.startsWith('.')) rmSync(path.join(folder, name));
}

/** Names of all files but the lock: networks, and leftovers. */
export function listFiles(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name !== 'cni.lock');
}

function write({ shape, name, subnet, bridge, labels }: Edit): string {
  const [network = ''] = subnet.split('/');
  const gateway = network.includes(':') ? `${network}1` : network.replace(/\d+$/, (last) => String(Number(last) + 1));
  const first = {
    type: 'bridge',
    bridge,
    isGateway: true,
    ipMasq: true,
    hairpinMode: true,
    ipam: { type: 'host-local', ranges: [[{ subnet, gateway }]] },
  };
  const rest = [{ type: 'portmap', capabilities: { portMappings: true } }, { type: 'firewall' }, { type: 'tuning' }];
  switch (shape) {
    case 'own':
    case 'misnamed': {
      const args = Object.keys(labels).length > 0 ? { args: { podman_labels: labels } } : {};
      return JSON.stringify({ ...args, cniVersion: '0.4.0', name, plugins: [first, ...rest] });
    }
    case 'foreign':
      return JSON.stringify({
        cniVersion: '1.0.0',
        name,
        nerdctlID: '1',
        nerdctlLabels: {},
        plugins: [first, ...rest],
      });
    case 'single':
      return JSON.stringify({ cniVersion: '0.4.0', name, ...first });
    case 'broken':
      return `{"name": "${name}",`;
  }
}
