import { ContainersConf } from './containers-conf-schema.js';
import type { SettingsFile } from './declared-key.js';

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
];
