/** What help and the manual page say of podnetd as a whole. */
export const program = {
  summary: "serve the network half of Podman's and Docker's API over CNI configuration files",
  description:
    'podnetd serves the network API of Podman and Docker on Unix sockets. It makes networks as CNI configuration files, and attaches ' +
    'containers to them, without a container engine.',
  pages: ['podnetd(1)', 'podnetd-containers.conf(5)', 'podnetd.toml(5)', 'podnetd-api(7)', 'podnetd-doctor(7)'],
  exits: [
    ['0', 'podnetd ended in order, or printed what was asked for'],
    [
      '1',
      'podnetd cannot serve: a socket is taken, an addon is missing, or a bug; podnetd map gets no answer, or cannot write its page; podnetd audit verify finds a fault; podnetd doctor has found an error or a warning',
    ],
    [
      '2',
      'a flag, a file or one of their values is wrong, or podnetd doctor could not look; standard error has one line with the place, the rule and the remedy',
    ],
    ['128+N', 'a second signal N ended podnetd at once'],
  ],
  variables: [
    ['CONTAINERS_CONF', 'the only containers.conf that is read, instead of those of the system and the user'],
    ['CONTAINERS_CONF_OVERRIDE', 'a containers.conf that is read after all others'],
    ['XDG_RUNTIME_DIR', "folder of a user's socket, namespace and leases"],
    ['XDG_CONFIG_HOME', "folder of a user's conflists, containers.conf and podnetd.toml; $HOME/.config when unset"],
    ['LISTEN_PID, LISTEN_FDS', 'sockets that a service manager made; see sd_listen_fds(3)'],
    ['NOTIFY_SOCKET', 'where podnetd reports to the service manager that it is ready; see sd_notify(3)'],
    [
      'JOURNAL_STREAM',
      'whether standard output is the journal, in which case each line of the log starts with its priority',
    ],
    ['LC_ALL, LC_CTYPE, LANG', 'whether podnetd map draws with more than ASCII; the first that is set counts'],
    ['NO_COLOR', 'when not empty, pretty lines of the log and maps have no colour'],
  ],
  files: [
    ['/run/podnetd/podnetd.sock', "socket of root's podnetd, in $XDG_RUNTIME_DIR for a user"],
    ['/etc/cni/net.d', 'folder of the conflists, $XDG_CONFIG_HOME/cni/net.d for a user'],
    ['/etc/containers/containers.conf', 'settings of Podman; podnetd-containers.conf(5) has all places'],
    ['/etc/podnetd/podnetd.toml', 'settings of podnetd itself; podnetd.toml(5) has all places'],
    ['/var/lib/cni', 'results of libcni and leases of host-local'],
  ],
  examples: [
    [
      'serve on a socket of its own, and leave after a minute without a request',
      'podnetd serve --listen unix:///run/net.sock --idle-timeout 60',
    ],
    ['draw the pools of subnets on a page', 'podnetd map --html map.html'],
    ['find out whether an audit file is whole', 'podnetd audit verify /var/log/podnetd/audit.jsonl'],
    ['repair what a crash left', 'podnetd doctor --fix'],
    ['show where the folder of networks comes from', 'podnetd config | grep cni-config-dir'],
  ],
  signals:
    'SIGHUP makes podnetd read its files of settings again (see podnetd.toml(5)), or ends podnetd when the terminal that it was started from is gone. ' +
    'SIGTERM, SIGINT, SIGQUIT, SIGUSR1 and SIGUSR2 end podnetd in order: it finishes the requests that it has, and removes its ' +
    'socket. A second signal, half a second later or more, ends podnetd at once.',
} as const;
