import t, { type Test } from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { makeRootlessUser } from './rootless-user.js';
import { startUserDaemon, type UserDaemon } from './user-daemon.js';
import { startContainer, writeContainersConf } from './user-service.js';

const skip = missing(...'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables'.split(' '));

interface Case {
  readonly what: string;
  /** Scripts that root runs before and after. */
  readonly take: string;
  readonly giveBack: string;
  /** What the error says: need, reason and remedy. */
  readonly says: RegExp;
}

const hide = (file: string) => ({ take: `mount --bind /dev/null ${file}`, giveBack: `umount ${file}` });
const lacking = 'networks of a user who is not root need';

const always: readonly Case[] = [
  {
    what: 'no slirp4netns',
    ...hide('/usr/bin/slirp4netns'),
    says: /^.* slirp4netns: it is not in PATH; install the package slirp4netns, or set network_cmd_path in containers\.conf$/,
  },
  {
    what: 'no device',
    take: 'mv /dev/net/tun /dev/net/away',
    giveBack: 'mv /dev/net/away /dev/net/tun',
    says: /^.* \/dev\/net\/tun: it is not there; as root, run `modprobe tun`$/,
  },
  {
    what: 'a device for root alone',
    take: 'chmod 600 /dev/net/tun',
    giveBack: 'chmod 666 /dev/net/tun',
    says: /^.* \/dev\/net\/tun: it may not be opened; as root, run `modprobe tun` and `chmod 0666 \/dev\/net\/tun`$/,
  },
  {
    what: 'no unshare',
    ...hide('/usr/bin/unshare'),
    says: /^.* unshare: it is not in PATH; install the packages util-linux and mount$/,
  },
];

/** Needs of a namespace that is made in a new user namespace, because no container is to be connected. */
const alone: readonly Case[] = [
  {
    what: 'no newuidmap',
    ...hide('/usr/bin/newuidmap'),
    says: /^.* newuidmap: it is not in PATH; install the package uidmap /,
  },
  {
    what: 'no newgidmap',
    ...hide('/usr/bin/newgidmap'),
    says: /^.* newgidmap: it is not in PATH; install the package uidmap /,
  },
  {
    what: 'no /etc/subuid',
    take: 'mv /etc/subuid /etc/away',
    giveBack: 'mv /etc/away /etc/subuid',
    says: /^.* \/etc\/subuid: it cannot be read; as root, run `usermod --add-subuids 100000-165535 podnetd-\d+` with ids that no user has$/,
  },
  {
    what: 'no line in /etc/subgid',
    take: 'cp /etc/subgid /etc/away && : >/etc/subgid',
    giveBack: 'cp /etc/away /etc/subgid',
    says: /^.* \/etc\/subgid: it has no line for podnetd-\d+ or \d+; as root, run `usermod --add-subgids /,
  },
];

t.test('an error names the missing need, with the remedy', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  await ownEtc(machine);
  const root = async (script: string) => await machine.mustRoot('sh', ['-c', script]);
  let daemon = await startUserDaemon(machine);
  const netns = `/proc/${await startContainer(machine)}/ns/net`;
  await mustCreate(t, daemon, 'web');
  const folder = `${machine.home}/.config/cni/net.d`;
  let before = [...machine.processes().keys()];
  const refused = async ({ what, take, giveBack, says }: Case, act: () => ReturnType<UserDaemon['ask']>) => {
    await root(take);
    const mounts = machine.mounts();
    const files = await root(`ls -la --time-style=full-iso ${folder}`);
    const answer = await act();
    const { message = '' } = answer.json() as { message?: string };
    t.equal(answer.status, 500, `${what}: ${answer.text}`);
    t.ok(message.startsWith(lacking), what);
    t.match(message, says, what);
    t.equal(await root(`ls -la --time-style=full-iso ${folder}`), files, `${what}: the folder is untouched`);
    await mustManage(t, daemon, what);
    t.strictSame([...machine.processes().keys()], before, `${what}: no process`);
    t.strictSame(machine.mounts(), mounts, `${what}: no mount`);
    await root(giveBack);
  };
  const connect = async () => await daemon.ask('POST', '/networks/web/connect', { Container: netns });
  for (const each of always) await refused(each, connect);
  const { status, text } = await connect();
  t.equal(status, 200, `with everything there: ${text}`);

  // The container and the namespace are gone, so podnetd removes the attachment in a new user namespace.
  await machine.logOut();
  daemon = await startUserDaemon(machine);
  before = [...machine.processes().keys()];
  const disconnect = async (force = false) =>
    await daemon.ask('POST', '/networks/web/disconnect', { Container: netns, Force: force });
  for (const each of alone) await refused(each, disconnect);
  await root('mv /dev/net/tun /dev/net/away');
  t.equal((await disconnect(true)).status, 200, 'force forgets the attachment all the same');
  t.strictSame([...machine.processes().keys()], before);
});

t.test('without a run-time folder', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const netns = `/proc/${await startContainer(machine)}/ns/net`;
  const socket = `${machine.home}/podnetd.sock`;
  const args = ['--listen', socket];
  for (const [what, env] of [
    ['a folder that is not there', { XDG_RUNTIME_DIR: '/run/user/none' }],
    ['a folder of another user', { XDG_RUNTIME_DIR: '/run' }],
  ] as const) {
    const daemon = await startUserDaemon(machine, { args, env, socket });
    await mustManage(t, daemon, what);
    await mustCreate(t, daemon, 'web');
    const answer = await daemon.ask('POST', '/networks/web/connect', { Container: netns });
    t.equal(answer.status, 500, answer.text);
    const says =
      /XDG_RUNTIME_DIR: \S+ is no folder of user \d+; log in in a way that systemd-logind sees, run `loginctl/;
    t.match((answer.json() as { message: string }).message, says, what);
    t.equal((await daemon.ask('DELETE', '/networks/web')).status, 204);
    await daemon.stop();
  }
});

t.test('without permission to make user namespaces', { skip }, async (t) => {
  const user = await makeRootlessUser(t);
  const { machine } = user;
  // The setting is that of a user namespace of the test’s own, because the machine’s setting concerns all its users.
  const script = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
  const inside = ['unshare', '--user', '--map-current-user', '--keep-caps', 'sh', '-c', script, 'sh'];
  const outcome = await user.tryEnsure(inside);
  t.match(
    outcome,
    /need user namespaces: user\.max_user_namespaces is 0; as root, run `sysctl user\.max_user_namespaces=15000`/,
  );
  t.strictSame([...machine.processes().values()], []);
});

/** Verbs that only write files. */
async function mustManage(t: Test, daemon: UserDaemon, what: string): Promise<void> {
  await mustCreate(t, daemon, 'other');
  t.equal((await daemon.ask('GET', '/networks/other')).status, 200, `${what}: inspect`);
  t.equal((await daemon.ask('GET', '/v4.3.1/libpod/networks/json')).status, 200, `${what}: list`);
  t.equal((await daemon.ask('DELETE', '/networks/other')).status, 204, `${what}: remove`);
}

async function mustCreate(t: Test, daemon: UserDaemon, name: string): Promise<void> {
  const { status, text } = await daemon.ask('POST', '/networks/create', { Name: name });
  t.equal(status, 201, `create: ${text}`);
}

/** A copy of `/etc`, whose files may be taken away. */
async function ownEtc(machine: UserMachine): Promise<void> {
  await machine.mustRoot('sh', ['-c', 'cp -a /etc /run/etc && mount --bind /run/etc /etc']);
}
