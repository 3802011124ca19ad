import { writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes the configuration of a Podman that touches no file outside of `home`.
 *
 * @param network lines of the section `[network]`
 * @returns variables for Podman's environment
 */
export function writePodmanConf(
  home: string,
  network: readonly string[],
): { readonly CONTAINERS_CONF: string; readonly CONTAINERS_STORAGE_CONF: string } {
  const at = (name: string) => path.join(home, name);
  // Locks in files, because the other kind is one segment of shared memory for the whole host.
  const engine = [
    `events_logger = "none"`,
    `cgroup_manager = "cgroupfs"`,
    `lock_type = "file"`,
    `tmp_dir = ${JSON.stringify(at('tmp'))}`,
    // Where `podman --root` has it, by which conmon calls Podman after the end of a container.
    `static_dir = ${JSON.stringify(at('root/libpod'))}`,
    `volume_path = ${JSON.stringify(at('volumes'))}`,
  ];
  writeFileSync(at('containers.conf'), ['[engine]', ...engine, '[network]', ...network, ''].join('\n'));
  const storage = [
    `driver = "vfs"`,
    `graphroot = ${JSON.stringify(at('root'))}`,
    `runroot = ${JSON.stringify(at('run'))}`,
  ];
  writeFileSync(at('storage.conf'), ['[storage]', ...storage, ''].join('\n'));
  return { CONTAINERS_CONF: at('containers.conf'), CONTAINERS_STORAGE_CONF: at('storage.conf') };
}
