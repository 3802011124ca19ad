import { ContainersConf } from './containers-conf-schema.js';
import type { SettingsFile } from './declared-key.js';
import { PodnetdToml } from './podnetd-toml-schema.js';

/** Every file of settings that podnetd reads; each has a manual page in section 5. */
export const settingsFiles: readonly SettingsFile[] = [
  {
    name: 'containers.conf',
    page: 'podnetd-containers.conf',
    summary: 'settings of Podman that podnetd reads',
    description: [
      'podnetd reads the keys below of containers.conf, the TOML file in which Podman has its settings, and ignores all others. ' +
        'Flags of podnetd(1) win over the file.',
      'A later file wins over an earlier one, key by key. A list may hold { append = true } among its values: its values then come ' +
        'behind those of earlier files. An empty string stands for the default.',
      'A wrong key ends the start of podnetd with exit status 2 and one line that has file, line and key. podnetd config prints the ' +
        'settings in force, and the file and line of each.',
    ],
    places: [
      '$CONTAINERS_CONF, alone when it is set',
      '/usr/share/containers/containers.conf',
      '/etc/containers/containers.conf',
      '/etc/containers/containers.conf.d/*.conf',
      '$XDG_CONFIG_HOME/containers/containers.conf, for a user',
      '$XDG_CONFIG_HOME/containers/containers.conf.d/*.conf, for a user',
      '$CONTAINERS_CONF_OVERRIDE, also beside $CONTAINERS_CONF',
    ],
    example: '[network]\ndefault_subnet = "10.90.0.0/16"\ncni_plugin_dirs = ["/opt/cni/bin", { append = true }]\n',
    schema: ContainersConf,
  },
  {
    name: 'podnetd.toml',
    page: 'podnetd.toml',
    summary: 'settings of podnetd itself',
    description: [
      'podnetd.toml has the settings for which containers.conf has no key. It is a TOML file.',
      'A later file wins over an earlier one, key by key; the lists of reserved prefixes add up. podnetd refuses a key that it does not know.',
      'podnetd reads the files at its start and on SIGHUP (systemctl reload podnetd). A wrong file ends the start with exit status 2 and one ' +
        'line that has file, line and key. When podnetd runs, it keeps the settings it has, logs that line, and shows it at ' +
        '/podnetd/v1/problems until it has read the files again without a fault. podnetd config prints the settings in force, and the file and line of each.',
    ],
    places: [
      'the file of --config, alone when it is given',
      '/etc/podnetd/podnetd.toml',
      '/etc/podnetd/podnetd.toml.d/*.toml',
      '$XDG_CONFIG_HOME/podnetd/podnetd.toml, for a user',
      '$XDG_CONFIG_HOME/podnetd/podnetd.toml.d/*.toml, for a user',
    ],
    example:
      '[addresses]\n' +
      'reserved = [{ subnet = "10.0.0.0/8", reason = "office VPN" }]\n' +
      'subnet_pools = [\n  { base = "172.20.0.0/14", size = 24 },\n  { base = "ula", size = 64 },\n]\n',
    schema: PodnetdToml,
  },
];
